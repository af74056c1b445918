import time

import pytest

from trinax.answering.research.names import named, names
from trinax.answering.research.ports import Planner
from trinax.answering.research.rules import RulePlanner, parts

COMPARED = {
    "Are Nantong and Jingdezhen situated in the same province?": (
        "Are Nantong situated in the same province?",
        "Are Jingdezhen situated in the same province?",
    ),
    "Which singer is older, Mark King or Nick Hexum?": (
        "Which singer is older, Mark King?",
        "Which singer is older, Nick Hexum?",
    ),
    "¿Cuál es la diferencia entre Madrid y Lisboa?": (
        "¿Cuál es la diferencia entre Madrid?",
        "¿Cuál es la diferencia entre Lisboa?",
    ),
}
ASKED_TWICE = {
    "What is a ledger? How is it rebuilt?": ("What is a ledger?", "How is it rebuilt?"),
    "What is a ledger and how is it rebuilt?": ("What is a ledger", "how is it rebuilt?"),
    "Was ist ein Ledger und wie wird es neu gebaut?": (
        "Was ist ein Ledger",
        "wie wird es neu gebaut?",
    ),
    "什么是账本文件？怎样才能重建它？": ("什么是账本文件？", "怎样才能重建它？"),
}
WHOLE = [
    "Where did the performer of Hello Love die?",
    "What do owls eat and drink?",
    "Rock and Roll",
    "",
    "and",
    "和",
]


@pytest.mark.parametrize("query", COMPARED)
def test_what_is_compared_is_searched_for_one_by_one(query: str) -> None:
    assert parts(query) == (query, *COMPARED[query])


@pytest.mark.parametrize("query", ASKED_TWICE)
def test_two_questions_are_searched_for_one_by_one(query: str) -> None:
    assert parts(query) == (query, *ASKED_TWICE[query])


@pytest.mark.parametrize("query", WHOLE)
def test_what_has_no_parts_stays_whole(query: str) -> None:
    assert parts(query) == (query,)


def test_a_pasted_page_is_not_taken_apart() -> None:
    page = "Is A older and what is B? " * 5000
    start = time.perf_counter()
    assert parts(page) == (page,)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("piece", ["A and ", "and ", "A ", '"', "。", "，以及", "Aa of the "])
def test_rules_do_not_backtrack(piece: str) -> None:
    text = (piece * 2000)[:2000]
    start = time.perf_counter()
    parts(text)
    names(text * 50)
    assert time.perf_counter() - start < 5


def test_names_are_capitalised_rows_and_quotes() -> None:
    found = names('The song "hello love" by Hank Snow of the Rainbow.')
    assert [name.text for name in found] == ["hello love", "Hank Snow of the Rainbow"]
    assert [name.start for name in found] == [10, 25]


def test_a_long_row_of_capitals_is_no_name() -> None:
    assert names("Year Title Label Format Chart Peak") == []


def test_a_first_word_alone_is_no_name() -> None:
    assert not named("Biomaterials lack inductive properties.")
    assert named("Who is the spouse of Margaret Knox?")


async def test_the_query_comes_first() -> None:
    planner: Planner = RulePlanner()
    query = "What is a ledger? How is it rebuilt?"
    assert (await planner.sub_questions(query))[0] == query
    assert await planner.following(query, ()) is None
