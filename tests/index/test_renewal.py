"""A store that is opened for another embedder or analysis."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.renewal import NEW, OLD, RenewalContract, edited, nearest, of
from tests.contracts.store import COLLECTION, texts
from trinax.embedding.ports import Embedder
from trinax.index.edge import EdgeStore


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

    def indexes(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*") if path.is_dir())


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(tmp_path / COLLECTION)
    opener(OLD).replace(of(OLD))
    yield opener
    opener.close()


class TestEdgeRenewal(RenewalContract):
    @pytest.fixture
    def opened(self, opened: Opener) -> Opener:
        return opened


def test_the_next_time_the_first_name_is_free_again(opened: Opener) -> None:
    for embedder in (NEW, OLD):
        store = opened(embedder)
        store.replace(of(embedder))
        store.switch()
    assert opened.indexes() == ["shard"]
    assert not opened(OLD).fresh


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
    assert opened.indexes() == ["shard-2", "shard.corrupt-1"]


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


def test_dropped_its_folder_is_gone(opened: Opener) -> None:
    opened(NEW).drop()
    assert not opened.folder.exists()


def test_what_was_begun_is_forgotten_for_the_first_embedder(opened: Opener) -> None:
    opened(NEW).replace({"a.md": of(NEW)["a.md"]})
    assert opened(OLD).count() == 3
    assert opened.indexes() == ["shard"]
    assert not (opened.folder / "next.json").exists()


# What a switch does in the file system: it says what is built, renames that to what serves, removes
# what served before, of which a part is left half way.
STEPS = ("os.rename", "os.rename", "shutil.rmtree", "os.rmdir")
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.contracts.store import COLLECTION
from tests.contracts.renewal import NEW, of
from tests.index.test_renewal import STEPS
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
    assert len(opened.indexes()) == 1 + renewed
    store.replace(of(NEW))
    store.switch()
    assert nearest(store, NEW, 1) == "apple green"
    assert [one.file for one in store.files()] == ["a.md", "b.md"]
    assert len(opened.indexes()) == 1
    assert not (opened.folder / "next.json").exists()
