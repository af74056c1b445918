"""A real search over a handful of documents."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from trinax.answering.research.gathering import Limits, gathered
from trinax.answering.research.ports import Planner
from trinax.answering.research.records import Gathered, Inquiry, Planned, Retrieved
from trinax.answering.research.rules import RulePlanner
from trinax.evaluation import builtin
from trinax.evaluation.datasets import Document
from trinax.evaluation.runner import indexed, retriever
from trinax.retrieval.retriever import Retriever

Step = Planned | Retrieved | Gathered

# What stands in nobody's question keeps the shelf from being all there is to find.
SHELF = {
    "Hello Love": "Hello Love is a song recorded by Hank Snow in 1974.",
    "Hank Snow": "Hank Snow was a country musician who died in Nashville, Tennessee, in 1999.",
    "Goodbye Love": "Goodbye Love is a song of a stage play about artists.",
    "Love Letters": "Love Letters is a play in which two people read to each other.",
    "Madison": "Madison is a suburb of a large town with many record shops.",
    "Owls": "Owls hunt mice at night and hear them under the snow.",
    "Swifts": "Swifts sleep in the air and rarely land.",
    "Storks": "Storks build large nests on chimneys.",
    "Rye": "Rye bread needs sourdough and a long rest before baking.",
    "Toast": "Toast is sliced white bread, browned on both sides.",
}
BRIDGE = "Where did the performer of Hello Love die?"


@contextmanager
def shelf(documents: Mapping[str, str] = SHELF) -> Iterator[Retriever]:
    """Found by their titles, which are also the names of the files."""
    corpus = [Document(title, title, text) for title, text in documents.items()]
    parts = builtin.parts()
    with indexed({"shelf": corpus}, parts) as registry:
        yield retriever(registry, parts)


async def steps(
    search: Retriever,
    inquiry: Inquiry,
    limits: Limits | None = None,
    planner: Planner | None = None,
) -> list[Step]:
    run = gathered(inquiry, planner or RulePlanner(), search.search, limits or Limits())
    return [step async for step in run]


def last(found: list[Step]) -> Gathered:
    assert isinstance(found[-1], Gathered)
    return found[-1]


def files(found: Gathered) -> list[str]:
    return [ranked.passage.file for ranked in found.ranked]
