"""What a store does that is opened for another embedder; an implementation supplies `opened`."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from tests.contracts.store import entry, texts
from trinax.documents.tokens import encoding
from trinax.embedding import table
from trinax.embedding.ports import Embedder
from trinax.embedding.static import StaticEmbedder
from trinax.errors import StoreFailed
from trinax.index.ports import Store
from trinax.index.records import Files

# Of the embedder before and of the one that follows it.
OLD, NEW = (8, "old-1-a"), (4, "new-1-b")
TEXTS = {"a.md": ("apple red", "apple green"), "b.md": ("banana yellow",)}


class Opener(Protocol):
    """Opens one store at a time, as one process would. embedders: those that can be had."""

    embedders: dict[str, Embedder]

    def __call__(self, embedder: tuple[int, str]) -> Store: ...

    def close(self) -> None: ...

    def indexes(self) -> list[str]:
        """Names of those that are stored."""


def of(embedder: tuple[int, str], texts: Mapping[str, tuple[str, ...]] = TEXTS) -> Files:
    """Files whose chunks have the axes of this embedder's width for vectors."""
    axes = np.eye(embedder[0], dtype=np.float32)
    return {
        file: tuple(entry(file, n, text, vector=axes[n]) for n, text in enumerate(parts))
        for file, parts in texts.items()
    }


def nearest(store: Store, embedder: tuple[int, str], axis: int) -> str:
    """The text whose vector is this axis."""
    with store.view() as view:
        query = np.eye(embedder[0], dtype=np.float32)[axis]
        (hit,) = view.passages.candidates(query, None, 1).dense
        assert hit.score == pytest.approx(1.0, abs=1e-4)
        return view.passages.fetch([hit.chunk_id])[0].chunk.text


def edited(embedder: tuple[int, str], file: str, text: str) -> Files:
    axis = np.eye(embedder[0], dtype=np.float32)[0]
    one = entry(file, 0, text, vector=axis, size_bytes=len(text), mtime_s=1800000000.0)
    return {file: (one,)}


class RenewalContract:
    @pytest.fixture
    def opened(self) -> Iterator[Opener]:
        """TEXTS are stored with OLD's vectors."""
        raise NotImplementedError

    @pytest.fixture
    def former(self, tmp_path: Path) -> StaticEmbedder:
        """Of OLD's width."""
        file = tmp_path / "old.npz"
        rows = np.random.default_rng(0).standard_normal((encoding().n_vocab, OLD[0]), np.float32)
        table.write(rows, file)
        return StaticEmbedder(file)

    def test_what_was_there_answers_until_all_is_made_anew(self, opened: Opener) -> None:
        before = opened(OLD).files()
        store = opened(NEW)
        assert (store.fresh, store.renewed, store.written()) == (True, True, [])
        store.replace(of(NEW))
        assert store.files() == before
        assert (store.count(), texts(store, "banana")) == (3, ["banana yellow"])
        assert nearest(store, OLD, 1) == "apple green"
        store.switch()
        assert (store.renewed, store.files()) == (False, before)
        assert (store.count(), texts(store, "banana")) == (3, ["banana yellow"])
        assert nearest(store, NEW, 1) == "apple green"
        assert len(opened.indexes()) == 1

    def test_half_built_it_goes_on_after_a_restart(self, opened: Opener) -> None:
        opened(NEW).replace({"a.md": of(NEW)["a.md"]})
        store = opened(NEW)
        assert (store.fresh, store.renewed) == (False, True)
        assert [one.file for one in store.written()] == ["a.md"]
        assert store.unwritten() == ["b.md"]
        assert list(store.ids()) == ["a.md"]
        assert store.count() == 3

    def test_the_first_embedder_again_finds_its_index(self, opened: Opener) -> None:
        opened(NEW).replace({"a.md": of(NEW)["a.md"]})
        store = opened(OLD)
        assert (store.fresh, store.renewed, store.count()) == (False, False, 3)
        assert nearest(store, OLD, 1) == "apple green"
        assert len(opened.indexes()) == 1

    def test_a_third_embedder_begins_anew_beside_the_first(self, opened: Opener) -> None:
        opened(NEW).replace(of(NEW))
        store = opened((2, "third-1-c"))
        assert (store.fresh, store.renewed, store.written()) == (True, True, [])
        assert store.count() == 3
        assert len(opened.indexes()) == 2

    def test_an_index_without_a_chunk_is_not_kept(self, opened: Opener) -> None:
        opened(OLD).delete(list(TEXTS))
        store = opened(NEW)
        assert (store.fresh, store.renewed) == (True, False)
        assert len(opened.indexes()) == 1

    def test_what_is_deleted_is_served_no_more(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace(of(NEW))
        store.delete(["b.md"])
        assert texts(store, "banana") == []
        assert [one.file for one in store.files()] == ["a.md"]
        assert [one.file for one in store.written()] == ["a.md"]

    def test_a_touched_file_is_touched_on_both_sides(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace(of(NEW))
        store.touch("b.md", 7, 1800000000.5)
        for listed in (store.files(), store.written()):
            assert [(one.size_bytes, one.mtime_s) for one in listed if one.file == "b.md"] == [
                (7, 1800000000.5)
            ]

    def test_an_edited_file_is_served_as_it_is_now(
        self, opened: Opener, former: StaticEmbedder
    ) -> None:
        opened.embedders[OLD[1]] = former
        store = opened(NEW)
        store.replace({**edited(NEW, "a.md", "cherry dark"), **edited(NEW, "new.md", "date brown")})
        assert texts(store, "apple") == []
        assert texts(store, "cherry") == ["cherry dark"]
        assert [one.file for one in store.files()] == ["a.md", "b.md", "new.md"]
        written = store.chunks("new.md")[0].chunk
        with store.view() as view:
            query = former.queries([f"{written.context}\n{written.text}"])[0]
            (hit, *_) = view.passages.candidates(query, None, 1).dense
        assert hit.chunk_id == written.id
        assert hit.score == pytest.approx(1.0, abs=1e-4)

    def test_without_its_embedder_it_is_served_by_its_words(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace(edited(NEW, "a.md", "cherry dark"))
        assert texts(store, "cherry") == ["cherry dark"]
        with store.view() as view:
            assert view.former is not None
            assert view.former.embedder is None

    def test_a_file_that_became_empty_is_served_no_more(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace({"b.md": ()})
        assert texts(store, "banana") == []
        assert store.unwritten() == ["a.md"]

    def test_entries_have_vectors_of_the_embedder_in_use(self, opened: Opener) -> None:
        store = opened(NEW)
        assert store.entries("a.md") == []
        store.replace(of(NEW))
        assert [one.vector.size for one in store.entries("a.md")] == [NEW[0], NEW[0]]

    def test_a_search_that_has_begun_ends_on_what_it_saw(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace(of(NEW))
        switching = threading.Thread(target=store.switch)
        with store.view() as view:
            switching.start()
            while store.renewed:  # until new searches see what is new
                pass
            query = np.eye(OLD[0], dtype=np.float32)[1]
            assert view.passages.candidates(query, None, 1).dense[0].score == pytest.approx(
                1, abs=1e-4
            )
            assert len(opened.indexes()) == 2
            assert nearest(store, NEW, 1) == "apple green"
        switching.join()
        assert len(opened.indexes()) == 1
        with pytest.raises(StoreFailed):
            view.passages.candidates(query, None, 1)

    def test_switched_twice_it_is_whole(self, opened: Opener) -> None:
        for embedder in (NEW, OLD):
            store = opened(embedder)
            store.replace(of(embedder))
            store.switch()
        assert len(opened.indexes()) == 1
        assert not opened(OLD).fresh
        assert nearest(opened(OLD), OLD, 1) == "apple green"

    def test_dropped_it_leaves_nothing(self, opened: Opener) -> None:
        store = opened(NEW)
        store.replace(of(NEW))
        store.drop()
        assert opened.indexes() == []
        assert store.count() == 0
