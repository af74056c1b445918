"""The engine in this process and the one of a server find the same."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.retrieval.conftest import fill_with
from trinax.embedding.static import StaticEmbedder
from trinax.index.cluster import ClusterStore
from trinax.index.edge import EdgeStore
from trinax.index.registry import Registry
from trinax.index.remote import MEMORY, Server
from trinax.retrieval.records import Mode, Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Index, Retrieval

PAGES = Path(__file__).parents[2] / "collections" / "handbook"
QUESTIONS = (
    "How do I add a model?",
    "Which files are never indexed?",
    "trinax keys create",
    "retrieval.dense_weight",
    "Was passiert mit gelöschten Dateien?",
    "¿Cómo se hace una copia de seguridad?",
    "what does 429 mean",
    "quiet hours",
    "citations that have changed",
    "limit requests of one client",
    "MCP tools for agents",
    "web search without a key",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Retriever, Retriever]]:
    embedder, server = StaticEmbedder(), Server(Index(url=MEMORY))
    folder = tmp_path_factory.mktemp("stores")
    made = (embedder.width, embedder.fingerprint)
    edge = Registry(lambda id: EdgeStore(folder / id, id, *made))
    cluster = Registry(lambda id: ClusterStore(server, id, *made, lambda _: None))
    pages = {
        page.name: [part for part in page.read_text("utf-8").split("\n\n") if part.strip()]
        for page in sorted(PAGES.glob("*.md"))
    }
    with closing(edge), closing(cluster), closing(server):
        for registry in (edge, cluster):
            fill_with(registry, embedder, "handbook", pages)
        yield tuple(Retriever(one, embedder, Retrieval()) for one in (edge, cluster))  # type: ignore[misc]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_both_engines_rank_alike(both: tuple[Retriever, Retriever], mode: Mode) -> None:
    for question in QUESTIONS:
        here, there = (one.found(Query(question, mode=mode, limit=10)) for one in both)
        scores = {one.passage.chunk.id: one.score for one in there.ranked}
        # A question of another language than the pages shares no word with them.
        assert scores or (mode == "bm25" and not question.isascii())
        assert [one.passage.chunk.id for one in here.ranked] == [*scores]
        # Vectors are kept in 16 bits here and in 32 there.
        expected = [scores[one.passage.chunk.id] for one in here.ranked]
        assert [one.score for one in here.ranked] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_engines_are_as_sure(both: tuple[Retriever, Retriever], question: str) -> None:
    here, there = (one.found(Query(question)) for one in both)
    assert here.confidence == pytest.approx(there.confidence, abs=0.01)
