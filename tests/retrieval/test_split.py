"""A collection dealt into four ranks as well as one."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from tests.retrieval.conftest import fill_with, opened
from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.metrics import mean, ndcg
from trinax.evaluation.storing.corpus import OWN, Page, pages
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

PAGES = 800
QUESTIONS = 150
PARTS = 4


@pytest.fixture(scope="module")
def documents() -> Sequence[Page]:
    """What this Python and its packages say of themselves, the same each time."""
    held = sorted(pages(), key=lambda page: page.title)
    return random.Random(7).sample(held, min(PAGES, len(held)))


@pytest.fixture(scope="module")
def ways(
    tmp_path_factory: pytest.TempPathFactory,
    embedder: StaticEmbedder,
    documents: Sequence[Page],
) -> Iterator[list[Retriever]]:
    """The documents in one collection, and in four."""
    folder = tmp_path_factory.mktemp("split")
    texts = {f"{number}.md": [_text(page)] for number, page in enumerate(documents)}
    with (
        closing(opened(folder / "1", embedder)) as one,
        closing(opened(folder / "4", embedder)) as four,
    ):
        fill_with(one, embedder, "whole", texts)
        for part in range(PARTS):
            fill_with(four, embedder, f"part{part}", dict([*texts.items()][part::PARTS]))
        yield [Retriever(registry, embedder, Retrieval()) for registry in (one, four)]


def test_four_collections_rank_as_well_as_one(
    ways: Sequence[Retriever], documents: Sequence[Page]
) -> None:
    whole, parts = (mean(_gain(one, *asked) for asked in _asked(documents)) for one in ways)
    assert whole > 0.5
    assert parts == pytest.approx(whole, abs=0.01)


def _text(page: Page) -> str:
    return " ".join(page.sentences[:OWN])


def _asked(documents: Sequence[Page]) -> list[tuple[str, str]]:
    """Some words of a sentence of a page, and the page's file."""
    chance = random.Random(11)
    asked = []
    for number in chance.sample(range(len(documents)), min(QUESTIONS, len(documents))):
        words = chance.choice(documents[number].sentences[:OWN]).split()
        asked.append((" ".join(chance.sample(words, min(4, len(words)))), f"{number}.md"))
    return asked


def _gain(retriever: Retriever, question: str, file: str) -> float:
    found = retriever.found(Query(question))
    return ndcg([one.passage.file for one in found.ranked], {file: 1}, 10)
