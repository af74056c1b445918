import pytest

from trinax.answering.seating import Seats, are_short, seated, together
from trinax.documents.records import Chunk
from trinax.index.records import Passage
from trinax.retrieval.records import Found, Ranked

SHORT = Seats(passages=4, threshold=0.5, whole_tokens=1000)
LONG = Seats(passages=4, threshold=0.5, whole_tokens=10)
NAMES = "amber birch cedar dune ember fjord glade heath inlet juniper kelp larch"
WORDS = NAMES.split()


def passage(name: str, text: str = "") -> Passage:
    chunk = Chunk(name, text or f"{name} tells of {name}", "", 0, 9, 1, 1, None, 10)
    return Passage("", f"{name}.md", 0, chunk, "text", "en", 9, 0.0)


FILE = [passage(word) for word in WORDS[:8]]
ELSEWHERE = [passage(word) for word in WORDS[8:]]


def found(passages: list[Passage], confidence: float) -> Found:
    """The first is the best."""
    ranked = [Ranked(each, 1.0 - place / 10) for place, each in enumerate(passages)]
    return Found(tuple(ranked), confidence)


def names(own: Found, others: Found | None, seats: Seats, file: list[Passage] = FILE) -> list[str]:
    ranking = together(own, others, len(file) + seats.passages, seats).ranked
    return [each.passage.chunk.id for each in seated(own, file, ranking, seats)]


def test_a_short_attachment_is_whole_and_in_its_order() -> None:
    own = found([FILE[2], FILE[0]], 0.9)
    assert names(own, None, SHORT, FILE[:3]) == WORDS[:3]


def test_what_else_is_known_comes_after_it() -> None:
    assert names(found(FILE[:3], 0.1), found(ELSEWHERE, 0.9), SHORT, FILE[:3]) == [
        *WORDS[:3],
        *WORDS[8:],
    ]


def test_of_a_long_one_the_best_are_shown() -> None:
    assert names(found(FILE[::-1], 0.9), None, LONG) == WORDS[7:3:-1]


def test_half_is_kept_for_it_beside_what_knows_more() -> None:
    own = Found(tuple(Ranked(each, 0.1) for each in FILE), 0.6)
    assert names(own, found(ELSEWHERE, 0.9), LONG) == [*WORDS[:2], *WORDS[8:10]]


def test_it_takes_more_where_it_knows_more() -> None:
    others = Found(tuple(Ranked(each, 0.1) for each in ELSEWHERE), 0.6)
    assert names(found(FILE, 0.9), others, LONG) == WORDS[:4]


def test_who_does_not_know_gives_nothing() -> None:
    assert names(found(FILE, 0.9), found(ELSEWHERE, 0.4), LONG) == WORDS[:4]
    assert names(found(FILE, 0.1), found(ELSEWHERE, 0.4), LONG) != []


def test_without_a_hint_it_is_shown_from_the_first_to_the_last() -> None:
    shown = names(found([FILE[3], FILE[4]], 0.0), None, LONG)
    assert shown == [WORDS[0], WORDS[3], WORDS[4], WORDS[7]]


def test_a_copy_elsewhere_is_left_out() -> None:
    copy = passage("copy", FILE[0].chunk.text)
    assert "copy" not in names(found(FILE[:1], 0.9), found([copy], 0.9), SHORT, FILE[:1])


def test_scores_count_by_how_sure_a_search_is() -> None:
    own, others = found(FILE[:1], 0.6), found(ELSEWHERE[:1], 0.8)
    ranking = together(own, others, 9, SHORT).ranked
    shown = seated(own, FILE[:1], ranking, SHORT)
    assert [each.score for each in shown] == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(("context_tokens", "whole"), [(None, True), (4000, True), (100, False)])
def test_a_small_context_has_no_room_for_it_whole(context_tokens: int | None, whole: bool) -> None:
    assert are_short(FILE, SHORT.within(context_tokens)) is whole


def test_a_whole_attachment_is_its_chunks_though_a_ranking_has_joined_them() -> None:
    longer = passage(WORDS[0], f"{FILE[0].chunk.text} {FILE[1].chunk.text}")
    ranking = [Ranked(longer, 0.7)]
    shown = seated(found(FILE[:2], 0.9), FILE[:2], ranking, SHORT)
    assert [each.passage for each in shown] == FILE[:2]
    assert shown[0].score == 0.7
