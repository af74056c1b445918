import time

from tests.answering.research.test_merging import QUERY, SINGER, SONG, found
from trinax.answering.research.bridges import bridge


def test_a_name_is_searched_for_with_what_its_passage_leaves_open() -> None:
    question = bridge(QUERY, [found(QUERY, ("Hello Love", SONG))])
    assert question is not None
    assert question.split()[:2] == ["Hank", "Snow"]
    assert "die" in question.split()
    assert "Love" not in question.split()


def test_a_name_is_followed_once() -> None:
    passes = [found(QUERY, ("Hello Love", SONG)), found("Hank Snow performer die")]
    again = bridge(QUERY, passes)
    assert again is None or "Hank Snow" not in again


def test_a_passage_with_every_word_of_the_query_leaves_nothing_open() -> None:
    assert bridge("Hank Snow died", [found("Hank Snow died", ("Hank Snow", SINGER))]) is None


def test_names_in_quotes_are_followed_in_scripts_without_capitals() -> None:
    query = "写了这首歌的人在哪里去世？"
    text = "这首歌的人是《汉克》，在一九七四年。"
    question = bridge(query, [found(query, ("歌", text))])
    assert question is not None
    assert "汉克" in question


def test_nothing_found_leads_nowhere() -> None:
    assert bridge(QUERY, [found(QUERY)]) is None
    assert bridge("", []) is None


def test_a_passage_full_of_names_is_read_in_time() -> None:
    text = " ".join(f"Aa{n} Of The Bb{n} de la Cc{n}." for n in range(20_000))
    start = time.perf_counter()
    bridge(QUERY, [found(QUERY, ("Hello Love", text + SONG), ("A" * 100_000, "A " * 100_000))])
    assert time.perf_counter() - start < 10
