import pytest

from tests.answering.passages import passage
from trinax.answering.research.merging import SHOWN, STAY, merged
from trinax.answering.research.records import Pass
from trinax.retrieval.records import Found, Ranked

QUERY = "Where did the performer of Hello Love die?"
SONG = "Hello Love is a song recorded by Hank Snow in 1974."
SINGER = "Hank Snow was a country musician who died in Nashville."


def found(question: str, *texts: tuple[str, str], best: float = 1.0) -> Pass:
    """texts: (title, text), best first; the scores fall evenly."""
    ranked = tuple(
        Ranked(passage(text, title, title), best * (1 - at / (len(texts) + 1)))
        for at, (title, text) in enumerate(texts)
    )
    return Pass(question, Found(ranked, 0.5))


def shelf(count: int) -> list[tuple[str, str]]:
    return [(f"Love {n}", f"A performer of love number {n} did it.") for n in range(count)]


def titles(passes: list[Pass], limit: int = 12) -> list[str]:
    return [ranked.passage.file for ranked in merged(QUERY, passes, limit)[0]]


def test_one_pass_keeps_its_order_and_scores() -> None:
    one = found(QUERY, ("b", "beta"), ("a", "alpha"), ("c", "gamma"))
    assert merged(QUERY, [one], 2) == (one.found.ranked[:2], 1)


def test_a_text_that_two_passes_found_stands_once() -> None:
    first = found(QUERY, ("Hello Love", SONG), ("Love", "Love is all."))
    second = found("Hank Snow die", ("Copy", f" {SONG}\n"), ("Hank Snow", SINGER))
    ranked, left_out = merged(QUERY, [first, second], 12)
    assert len(ranked) == 3
    assert left_out == 0


def test_what_is_named_before_comes_ahead_of_what_is_like_it() -> None:
    first = found(QUERY, ("Hello Love", SONG), *shelf(9))
    second = found("Hank Snow die", ("Hank Snow", SINGER), ("Hello Love", SONG))
    assert titles([first, second])[:2] == ["Hello Love", "Hank Snow"]


def test_the_best_of_the_query_stay_among_those_shown() -> None:
    mine = [(f"Mine {n}", f"Nothing that was asked for, {n}.") for n in range(STAY)]
    others = [(f"Hank Snow {n}", f"{SINGER} Hello Love, performer {n}.") for n in range(20)]
    passes = [found(QUERY, *mine), found("Hank Snow die", *others)]
    assert {title for title, _ in mine} <= set(titles(passes)[:SHOWN])


@pytest.mark.parametrize("limit", [0, 1, 3, 12, 100])
def test_scores_never_rise_and_nothing_is_lost_uncounted(limit: int) -> None:
    passes = [found(QUERY, *shelf(9)), found("Hank Snow", ("Hank Snow", SINGER), *shelf(3))]
    ranked, left_out = merged(QUERY, passes, limit)
    scores = [each.score for each in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(ranked) == min(limit, 10)
    assert len(ranked) + left_out == 10


def test_passes_without_the_query_itself_are_merged_too() -> None:
    passes = [found("Hello Love", ("Hello Love", SONG)), found("Snow", ("Hank Snow", SINGER))]
    assert set(titles(passes)) == {"Hello Love", "Hank Snow"}


def test_nothing_found_is_nothing_merged() -> None:
    assert merged(QUERY, [found(QUERY), found("Hank Snow")], 12) == ((), 0)
