"""Searches in collections that are embedded anew."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from tests.retrieval.conftest import HANDBOOK, Texts, fill_with
from trinax.documents.tokens import encoding
from trinax.embedding import table
from trinax.embedding.ports import Embedder
from trinax.embedding.static import StaticEmbedder
from trinax.errors import StoreFailed
from trinax.index.edge import EdgeStore
from trinax.index.registry import Registry
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

QUESTION = "How is a key revoked?"
Renew = Callable[..., Registry]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedder:
    """With vectors of its own, of another width."""
    file = tmp_path_factory.mktemp("tables") / "other.npz"
    rows = np.random.default_rng(0).standard_normal((encoding().n_vocab, 16), np.float32)
    table.write(rows, file)
    return StaticEmbedder(file)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Renew]:
    """The stores for an embedder; those opened before are closed."""
    with ExitStack() as stack:

        def open_stores(embedder: Embedder, former: Embedder | None = None) -> Registry:
            stack.close()
            embedders = {former.fingerprint: former} if former else {}
            folder, fingerprint = tmp_path / "stores", embedder.fingerprint
            return stack.enter_context(
                closing(
                    Registry(
                        lambda id: EdgeStore(
                            folder / id, id, embedder.width, fingerprint, embedders.get
                        ),
                        [path.name for path in folder.glob("*")],
                    )
                )
            )

        yield open_stores


def ranked(registry: Registry, embedder: Embedder, query: Query) -> list[tuple[str, float]]:
    found = Retriever(registry, embedder, Retrieval()).found(query)
    return [(one.passage.file, one.score) for one in found.ranked]


def finished(registry: Registry, embedder: Embedder, collection: str, texts: Texts) -> None:
    fill_with(registry, embedder, collection, texts)
    registry.get(collection).switch()


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_it_gives_what_it_gave_before(
    opened: Renew, embedder: StaticEmbedder, other: StaticEmbedder, mode: str
) -> None:
    query = Query(QUESTION, mode=mode)  # type: ignore[arg-type]
    registry = opened(embedder)
    fill_with(registry, embedder, "handbook", HANDBOOK)
    before = ranked(registry, embedder, query)
    registry = opened(other, former=embedder)
    fill_with(registry, other, "handbook", HANDBOOK)
    assert ranked(registry, other, query) == before
    registry.get("handbook").switch()
    assert {file for file, _ in ranked(registry, other, query)} <= {*HANDBOOK}


def test_the_confidence_is_the_one_of_before(
    opened: Renew, embedder: StaticEmbedder, other: StaticEmbedder
) -> None:
    registry = opened(embedder)
    fill_with(registry, embedder, "handbook", HANDBOOK)
    before = Retriever(registry, embedder, Retrieval()).evidence(Query(QUESTION))
    registry = opened(other, former=embedder)
    assert Retriever(registry, other, Retrieval()).evidence(Query(QUESTION)) == before


def test_words_are_searched_where_its_embedder_is_gone(
    opened: Renew, embedder: StaticEmbedder, other: StaticEmbedder
) -> None:
    registry = opened(embedder)
    fill_with(registry, embedder, "handbook", HANDBOOK)
    by_words = ranked(registry, embedder, Query(QUESTION, mode="bm25"))
    registry = opened(other)
    assert ranked(registry, other, Query(QUESTION)) == by_words
    with pytest.raises(StoreFailed, match="no vectors to search until that is done"):
        ranked(registry, other, Query(QUESTION, mode="dense"))


@pytest.mark.parametrize("is_gone", [True, False])
def test_collections_of_two_embedders_are_searched_together(
    opened: Renew, embedder: StaticEmbedder, other: StaticEmbedder, is_gone: bool
) -> None:
    registry = opened(embedder)
    for collection, files in (("keys", ("access.md",)), ("rest", ("search.md", "install.md"))):
        fill_with(registry, embedder, collection, {file: HANDBOOK[file] for file in files})
    registry = opened(other, former=None if is_gone else embedder)
    finished(registry, other, "rest", {file: HANDBOOK[file] for file in ("search.md",)})
    assert ranked(registry, other, Query(QUESTION))[0][0] == "access.md"
    assert ranked(registry, other, Query("the weight of the dense side"))[0][0] == "search.md"
    with_vectors = Retriever(registry, other, Retrieval()).found(Query(QUESTION, explain=True))
    found = {one.passage.file: one.explanation for one in with_vectors.ranked}["access.md"]
    assert found is not None
    assert (found.dense.rank is None) == is_gone


def test_a_collection_is_asked_by_its_own_model_where_another_knows_no_word(
    opened: Renew, embedder: StaticEmbedder, tmp_path: Path
) -> None:
    table.write(np.zeros((encoding().n_vocab, 16), np.float32), tmp_path / "mute.npz")
    mute = StaticEmbedder(tmp_path / "mute.npz")
    registry = opened(embedder)
    fill_with(registry, embedder, "keys", {"access.md": HANDBOOK["access.md"]})
    fill_with(registry, embedder, "rest", {"search.md": HANDBOOK["search.md"]})
    registry = opened(mute, former=embedder)
    finished(registry, mute, "rest", {"search.md": HANDBOOK["search.md"]})
    asked = Query(QUESTION, mode="dense")
    assert {file for file, score in ranked(registry, mute, asked) if score} == {"access.md"}


def test_nothing_is_searched_with_nothing(opened: Renew, embedder: StaticEmbedder) -> None:
    assert ranked(opened(embedder), embedder, Query(QUESTION)) == []
