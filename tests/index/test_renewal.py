"""A store that is opened for another embedder or analysis."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.store import COLLECTION, entry, texts
from trinax.documents.tokens import encoding
from trinax.embedding import table
from trinax.embedding.ports import Embedder
from trinax.embedding.static import StaticEmbedder
from trinax.errors import StoreFailed
from trinax.index.edge import EdgeStore
from trinax.index.records import Files

# Of the embedder before and of the one that follows it.
OLD, NEW = (8, "old-1-a"), (4, "new-1-b")
TEXTS = {"a.md": ("apple red", "apple green"), "b.md": ("banana yellow",)}


def of(embedder: tuple[int, str], texts: Mapping[str, tuple[str, ...]] = TEXTS) -> Files:
    """Files whose chunks have the axes of this embedder's width for vectors."""
    axes = np.eye(embedder[0], dtype=np.float32)
    return {
        file: tuple(entry(file, n, text, vector=axes[n]) for n, text in enumerate(parts))
        for file, parts in texts.items()
    }


class Opener:
    """Opens one store at a time, as one process would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.embedders: dict[str, Embedder] = {}
        self._store: EdgeStore | None = None

    def __call__(self, embedder: tuple[int, str]) -> EdgeStore:
        self.close()
        width, fingerprint = embedder
        self._store = EdgeStore(self.folder, COLLECTION, width, fingerprint, self.embedders.get)
        return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def shards(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(tmp_path / COLLECTION)
    opener(OLD).replace(of(OLD))
    yield opener
    opener.close()


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedder:
    """Of OLD's width."""
    file = tmp_path_factory.mktemp("tables") / "old.npz"
    rows = np.random.default_rng(0).standard_normal((encoding().n_vocab, OLD[0]), np.float32)
    table.write(rows, file)
    return StaticEmbedder(file)


def nearest(store: EdgeStore, embedder: tuple[int, str], axis: int) -> str:
    """The text whose vector is this axis."""
    with store.view() as view:
        query = np.eye(embedder[0], dtype=np.float32)[axis]
        (hit,) = view.passages.candidates(query, None, 1).dense
        assert hit.score == pytest.approx(1.0, abs=1e-4)
        return view.passages.fetch([hit.chunk_id])[0].chunk.text


def test_what_was_there_answers_until_all_is_made_anew(opened: Opener) -> None:
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
    assert opened.shards() == ["shard-2"]


def test_the_next_time_the_first_name_is_free_again(opened: Opener) -> None:
    for embedder in (NEW, OLD):
        store = opened(embedder)
        store.replace(of(embedder))
        store.switch()
    assert opened.shards() == ["shard"]
    assert not opened(OLD).fresh


def test_half_built_it_goes_on_after_a_restart(opened: Opener) -> None:
    opened(NEW).replace({"a.md": of(NEW)["a.md"]})
    store = opened(NEW)
    assert (store.fresh, store.renewed) == (False, True)
    assert [one.file for one in store.written()] == ["a.md"]
    assert store.unwritten() == ["b.md"]
    assert list(store.ids()) == ["a.md"]
    assert store.count() == 3


def test_the_first_embedder_again_finds_its_index(opened: Opener) -> None:
    opened(NEW).replace({"a.md": of(NEW)["a.md"]})
    store = opened(OLD)
    assert (store.fresh, store.renewed, store.count()) == (False, False, 3)
    assert nearest(store, OLD, 1) == "apple green"
    assert opened.shards() == ["shard"]
    assert not (opened.folder / "next.json").exists()


def test_a_third_embedder_begins_anew_beside_the_first(opened: Opener) -> None:
    opened(NEW).replace(of(NEW))
    store = opened((2, "third-1-c"))
    assert (store.fresh, store.renewed, store.written()) == (True, True, [])
    assert store.count() == 3
    assert len(opened.shards()) == 2


def test_an_index_without_a_chunk_is_not_kept(opened: Opener) -> None:
    opened(OLD).delete(list(TEXTS))
    store = opened(NEW)
    assert (store.fresh, store.renewed) == (True, False)
    assert opened.shards() == ["shard-2"]


def test_what_is_deleted_is_served_no_more(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(of(NEW))
    store.delete(["b.md"])
    assert texts(store, "banana") == []
    assert [one.file for one in store.files()] == ["a.md"]
    assert [one.file for one in store.written()] == ["a.md"]


def test_a_touched_file_is_touched_on_both_sides(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(of(NEW))
    store.touch("b.md", 7, 1800000000.5)
    for listed in (store.files(), store.written()):
        assert [(one.size_bytes, one.mtime_s) for one in listed if one.file == "b.md"] == [
            (7, 1800000000.5)
        ]


def edited(embedder: tuple[int, str], file: str, text: str) -> Files:
    axis = np.eye(embedder[0], dtype=np.float32)[0]
    one = entry(file, 0, text, vector=axis, size_bytes=len(text), mtime_s=1800000000.0)
    return {file: (one,)}


def test_an_edited_file_is_served_as_it_is_now(opened: Opener, former: StaticEmbedder) -> None:
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


def test_without_its_embedder_it_is_served_by_its_words(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(edited(NEW, "a.md", "cherry dark"))
    assert texts(store, "cherry") == ["cherry dark"]
    with store.view() as view:
        assert view.former is not None
        assert view.former.embedder is None


def test_a_file_that_became_empty_is_served_no_more(opened: Opener) -> None:
    store = opened(NEW)
    store.replace({"b.md": ()})
    assert texts(store, "banana") == []
    assert store.unwritten() == ["a.md"]


def test_entries_have_vectors_of_the_embedder_in_use(opened: Opener) -> None:
    store = opened(NEW)
    assert store.entries("a.md") == []
    store.replace(of(NEW))
    assert [one.vector.size for one in store.entries("a.md")] == [NEW[0], NEW[0]]


def test_another_analysis_alone_takes_the_vectors_over(opened: Opener) -> None:
    opened.close()
    kept = opened.folder / "store.json"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"analysis": 0}))
    store = opened(OLD)
    assert store.renewed
    with store.view() as view:
        assert view.former is None
    one = store.entries("b.md")[0]
    store.replace({"b.md": (one,)})
    store.replace(edited(OLD, "a.md", "cherry dark"))
    assert nearest(store, OLD, 0) in ("banana yellow", "cherry dark")
    store.switch()
    assert store.entries("b.md")[0].passage == one.passage


def test_a_corrupt_index_gives_way_to_the_one_that_is_built(opened: Opener) -> None:
    opened(NEW).replace({"a.md": of(NEW)["a.md"]})
    opened.close()
    (opened.folder / "shard" / "edge_config.json").write_text("garbage")
    store = opened(NEW)
    assert (store.renewed, store.count()) == (False, 2)
    assert opened.shards() == ["shard-2", "shard.corrupt-1"]


def test_a_corrupt_index_that_is_built_is_begun_anew(opened: Opener) -> None:
    opened(NEW).replace({"a.md": of(NEW)["a.md"]})
    opened.close()
    (opened.folder / "shard-2" / "edge_config.json").write_text("garbage")
    store = opened(NEW)
    assert (store.fresh, store.renewed, store.count(), store.written()) == (True, True, 3, [])


def test_a_name_of_a_shard_is_no_way_out_of_the_folder(opened: Opener) -> None:
    opened.close()
    kept = opened.folder / "store.json"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"shard": "../elsewhere"}))
    assert opened(OLD).count() == 3


def test_dropped_it_leaves_nothing(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(of(NEW))
    store.drop()
    assert not opened.folder.exists()
    assert store.count() == 0


def test_a_search_that_has_begun_ends_on_what_it_saw(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(of(NEW))
    switching = threading.Thread(target=store.switch)
    with store.view() as view:
        switching.start()
        while store.renewed:  # until new searches see what is new
            pass
        query = np.eye(OLD[0], dtype=np.float32)[1]
        assert view.passages.candidates(query, None, 1).dense[0].score == pytest.approx(1, abs=1e-4)
        assert opened.shards() == ["shard", "shard-2"]
        assert nearest(store, NEW, 1) == "apple green"
    switching.join()
    assert opened.shards() == ["shard-2"]
    with pytest.raises(StoreFailed):
        view.passages.candidates(query, None, 1)


# What a switch does in the file system: it says what is built, renames that to what serves, removes
# what served before, of which a part is left half way.
STEPS = ("os.rename", "os.rename", "shutil.rmtree", "os.rmdir")
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.contracts.store import COLLECTION
from tests.index.test_renewal import NEW, STEPS, of
from trinax.index.edge import EdgeStore

left = list(STEPS[: int(sys.argv[2])])

def step(event, arguments):
    if left and event == left[0]:
        left.pop(0)
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()

sys.addaudithook(step)
store = EdgeStore(Path(sys.argv[1]), COLLECTION, *NEW)
store.replace(of(NEW))
store.switch()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize(("steps", "renewed"), [(1, True), (2, True), (3, False), (4, False)])
def test_killed_at_any_step_it_serves_all_and_is_built_to_the_end(
    opened: Opener, steps: int, renewed: bool
) -> None:
    opened.close()
    command = [sys.executable, "-c", KILLED, str(opened.folder), str(steps)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    store = opened(NEW)
    assert (store.renewed, store.count(), texts(store, "banana")) == (renewed, 3, ["banana yellow"])
    assert nearest(store, OLD if renewed else NEW, 1) == "apple green"
    assert len(opened.shards()) == 1 + renewed
    store.replace(of(NEW))
    store.switch()
    assert nearest(store, NEW, 1) == "apple green"
    assert [one.file for one in store.files()] == ["a.md", "b.md"]
    assert len(opened.shards()) == 1
    assert not (opened.folder / "next.json").exists()
