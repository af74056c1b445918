from collections.abc import Iterator, Sequence

import anyio
import pytest

from tests.answering.research.searching import BRIDGE, files, last, shelf, steps
from trinax.answering.research.gathering import Limits
from trinax.answering.research.records import DEPTHS, Gathered, Inquiry, Pass, Planned, Retrieved
from trinax.errors import CollectionNotFound
from trinax.retrieval.retriever import Retriever

ODD = [
    "",
    "   ",
    "?",
    "的",
    "谁写了《红楼梦》？ Who wrote it, y dónde?",
    "\x00\ud800",
    '"' * 500,
    "a and " * 400,
    "zzzqqq xxyyzz",
]


@pytest.fixture(scope="module")
def search() -> Iterator[Retriever]:
    with shelf() as retriever:
        yield retriever


class Insisting:
    """Plans the same questions whatever is found."""

    def __init__(self, *questions: str, following: str | None = None) -> None:
        self._questions = questions
        self._following = following

    async def sub_questions(self, query: str) -> tuple[str, ...]:
        return self._questions

    async def following(self, query: str, passes: Sequence[Pass]) -> str | None:
        return self._following


class Dawdling(Insisting):
    async def sub_questions(self, query: str) -> tuple[str, ...]:
        await anyio.sleep(60)
        return await super().sub_questions(query)


async def test_depth_1_is_one_pass_in_the_order_of_the_search(search: Retriever) -> None:
    found = await steps(search, Inquiry(BRIDGE, 1))
    assert [type(step) for step in found] == [Planned, Retrieved, Gathered]
    assert last(found).sub_questions == (BRIDGE,)
    assert last(found).ranked == last(found).passes[0].found.ranked[:12]


async def test_depth_2_follows_a_name_that_the_first_pass_brings_up(search: Retriever) -> None:
    found = last(await steps(search, Inquiry(BRIDGE, 2)))
    assert any("Hank Snow" in question for question in found.sub_questions)
    assert set(files(found)[:2]) == {"Hello Love", "Hank Snow"}


async def test_depth_2_plans_four_sub_questions_at_most(search: Retriever) -> None:
    found = last(await steps(search, Inquiry(BRIDGE, 2)))
    assert 2 <= len(found.sub_questions) <= 4
    assert [each.question for each in found.passes] == list(found.sub_questions)


async def test_depth_3_ends_with_the_query_and_what_is_missing(search: Retriever) -> None:
    two = last(await steps(search, Inquiry(BRIDGE, 2)))
    three = last(await steps(search, Inquiry(BRIDGE, 3), planner=Insisting(BRIDGE)))
    assert three.passes[-1].question.startswith(BRIDGE)
    more = last(await steps(search, Inquiry(BRIDGE, 3)))
    assert len(two.passes) <= len(more.passes) <= len(two.passes) + 1


@pytest.mark.parametrize("depth", DEPTHS)
async def test_every_pass_is_told_of_as_it_was_run(search: Retriever, depth: int) -> None:
    found = await steps(search, Inquiry(BRIDGE, depth))
    told = [step for step in found if isinstance(step, Retrieved)]
    assert [step.number for step in told] == list(range(1, len(told) + 1))
    assert [step.question for step in told] == [each.question for each in last(found).passes]
    assert told[0].new == told[0].found


@pytest.mark.parametrize("depth", DEPTHS)
async def test_names_in_what_does_not_answer_are_not_followed(
    search: Retriever, depth: int
) -> None:
    found = last(await steps(search, Inquiry(BRIDGE, depth), Limits(confidence=1.0)))
    assert [each.question for each in found.passes] == [BRIDGE]


async def test_what_was_searched_for_is_not_searched_for_again(search: Retriever) -> None:
    planner = Insisting("Owls", " owls ", "Swifts", following="OWLS")
    found = last(await steps(search, Inquiry("Owls and swifts", 3), planner=planner))
    assert [each.question for each in found.passes[:2]] == ["Owls", "Swifts"]
    assert len({each.question.casefold().strip() for each in found.passes}) == len(found.passes)


async def test_time_that_is_over_leaves_one_pass(search: Retriever) -> None:
    found = last(await steps(search, Inquiry(BRIDGE, 3), Limits(limit_s=0.0)))
    assert len(found.passes) == 1
    assert found.ranked


async def test_a_planner_that_takes_too_long_is_left(search: Retriever) -> None:
    planner = Dawdling("Owls")
    with anyio.fail_after(20):
        found = last(await steps(search, Inquiry(BRIDGE, 2), Limits(limit_s=0.2), planner))
    assert [each.question for each in found.passes] == [BRIDGE]


async def test_what_there_is_no_room_for_is_counted(search: Retriever) -> None:
    found = last(await steps(search, Inquiry(BRIDGE, 2), Limits(passages=2)))
    every = {ranked.passage.chunk.id for each in found.passes for ranked in each.found.ranked}
    assert len(found.ranked) == 2
    assert found.left_out == len(every) - 2


async def test_an_unknown_collection_is_named(search: Retriever) -> None:
    with pytest.raises(CollectionNotFound, match="nowhere"):
        await steps(search, Inquiry(BRIDGE, 2, collections=("nowhere",)))


@pytest.mark.parametrize("query", ODD)
async def test_odd_questions_are_gathered_for(search: Retriever, query: str) -> None:
    found = last(await steps(search, Inquiry(query, 3)))
    assert 1 <= len(found.passes) <= 5
    assert 1 <= len(found.sub_questions) <= 4


async def test_a_pasted_page_is_gathered_for_in_time(search: Retriever) -> None:
    page = "Are Owls and Swifts older than the Storks of Nashville? " * 2000
    with anyio.fail_after(20):
        found = last(await steps(search, Inquiry(page, 3)))
    assert found.ranked


async def test_nothing_found_is_no_error() -> None:
    with shelf({}) as empty:
        found = last(await steps(empty, Inquiry(BRIDGE, 3)))
    assert (found.ranked, found.left_out) == ((), 0)
