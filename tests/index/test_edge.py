import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.store import COLLECTION, WIDTH, MakeStore, StoreContract, entries
from trinax.errors import StoreFailed, StoreLocked
from trinax.index.analysis import query_terms
from trinax.index.edge import EdgeStore
from trinax.index.records import Entry, Passage, Terms
from trinax.index.shard import BATCH_POINTS


class Opener:
    """Opens one store at a time, as one process would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: EdgeStore | None = None

    def __call__(self, width: int = WIDTH, fingerprint: str = "static-1") -> EdgeStore:
        self.close()
        self.store = EdgeStore(self.folder, COLLECTION, width, fingerprint)
        return self.store

    def close(self) -> None:
        if self.store is not None:
            self.store.close()
            self.store = None


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(tmp_path / COLLECTION)
    yield opener
    opener.close()


class TestEdgeStore(StoreContract):
    @pytest.fixture
    def make_store(self, opened: Opener) -> MakeStore:
        return opened


def test_a_store_of_a_newer_format_is_left_alone(opened: Opener) -> None:
    opened().replace(entries("a.md", "apple"))
    opened.close()
    kept = opened.folder / "store.json"
    newer = json.loads(kept.read_text()) | {"format": 99}
    kept.write_text(json.dumps(newer))
    with pytest.raises(StoreFailed, match="newer trinax"):
        opened()
    assert json.loads(kept.read_text()) == newer


def test_a_corrupt_shard_is_set_aside(opened: Opener, caplog: pytest.LogCaptureFixture) -> None:
    opened().replace(entries("a.md", "apple"))
    opened.close()
    (opened.folder / "shard" / "edge_config.json").write_text("garbage")
    with caplog.at_level(logging.ERROR):
        store = opened()
    assert store.fresh
    assert (opened.folder / "shard.corrupt-1" / "edge_config.json").read_text() == "garbage"
    assert "Set aside as shard.corrupt-1" in caplog.text
    assert store.set_aside() == ["shard.corrupt-1"]
    store.replace(entries("a.md", "apple"))
    assert store.count() == 1


def test_a_copy_opens_with_all_that_was_written(opened: Opener, tmp_path: Path) -> None:
    store = opened()
    store.replace(entries("a.md", "apple", "pear") | entries("b.md", "quince"))
    store.flush()
    store.delete(["b.md"])
    store.replace(entries("c.md", "fig"))  # in the log only
    expected = all_of(store)
    with store.copied(tmp_path / "copy") as is_here:
        assert is_here
    opened.close()
    copy = EdgeStore(tmp_path / "copy", COLLECTION, WIDTH, "static-1")
    assert not copy.fresh
    assert all_of(copy) == expected
    assert {one.file for one in copy.files()} == {"a.md", "c.md"}
    copy.close()


def all_of(store: EdgeStore) -> list[tuple[Passage, Terms, list[float]]]:
    return [
        (one.passage, one.terms, one.vector.tolist())
        for file in store.files()
        for one in store.entries(file.file)
    ]


def test_writes_wait_for_a_copy_and_searches_do_not(opened: Opener, tmp_path: Path) -> None:
    store = opened()
    store.replace(entries("a.md", "apple"))
    writer = threading.Thread(target=store.replace, args=(entries("b.md", "pear"),))
    with store.copied(tmp_path / "copy"):
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        assert store.candidates(None, query_terms("apple"), 1).bm25
    writer.join()
    assert store.count() == 2


def test_damage_that_shows_only_in_reading_is_found_at_opening(opened: Opener) -> None:
    opened().replace(entries("a.md", "apple"))
    opened.close()
    (page,) = opened.folder.glob("shard/segments/*/payload_storage/page_0.dat")
    page.write_bytes(b"\0" * page.stat().st_size)
    store = opened()
    assert store.fresh
    assert (opened.folder / "shard.corrupt-1").is_dir()


def test_a_half_made_store_is_made_anew(opened: Opener) -> None:
    opened().replace(entries("a.md", "apple"))
    opened.close()
    (opened.folder / "store.json").unlink()
    assert opened().fresh


def test_a_store_has_one_owner(opened: Opener) -> None:
    opened()
    with pytest.raises(StoreLocked):
        EdgeStore(opened.folder, COLLECTION, WIDTH, "static-1")


def test_a_closed_store_says_that_it_failed(opened: Opener) -> None:
    store = opened()
    store.close()
    with pytest.raises(StoreFailed):
        store.count()


def test_a_vector_of_another_width_is_refused_and_nothing_is_lost(opened: Opener) -> None:
    store = opened()
    store.replace(entries("a.md", "apple"))
    with pytest.raises(StoreFailed):
        store.candidates(np.ones(WIDTH + 1, np.float32), None, 5)
    assert store.count() == 1


def test_many_files_go_in_at_once(opened: Opener) -> None:
    store = opened()
    files: dict[str, tuple[Entry, ...]] = {}
    for n in range(BATCH_POINTS // 2 + 10):
        files |= entries(f"{n}.md", f"apple {n}", f"banana {n}", f"cherry {n}")
    store.replace(files)
    assert store.count() == 3 * len(files)
    assert len(store.files()) == len(files)


@pytest.mark.slow
def test_readers_never_see_half_a_replacement(opened: Opener) -> None:
    store = opened()
    store.replace(entries("a.md", "apple red", "apple green"))
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            hits = store.candidates(None, query_terms("apple"), 10).bm25
            seen.add(tuple(sorted(hit.chunk_id for hit in hits)))

    reader = threading.Thread(target=read)
    reader.start()
    versions = [("apple red", "apple green"), ("apple blue", "apple grey", "apple brown")]
    for n in range(60):
        store.replace(entries("a.md", *versions[n % 2]))
    done.set()
    reader.join()
    whole = {
        tuple(sorted(one.passage.chunk.id for one in entries("a.md", *version)["a.md"]))
        for version in versions
    }
    assert seen <= whole


WRITER = """
import os, sys
from pathlib import Path
from tests.contracts.store import COLLECTION, WIDTH, entries
from trinax.index.edge import EdgeStore
store = EdgeStore(Path(sys.argv[1]), COLLECTION, WIDTH, "static-1")
for n in range(200):
    store.replace(entries(f"{n}.md", f"apple word{n}", "banana"))
    print(n, flush=True)
"""


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_killed_process(opened: Opener) -> None:
    command = [sys.executable, "-c", WRITER, str(opened.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = -1
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == 50:
                process.kill()
        assert process.wait() != 0
    store = opened()
    assert not store.fresh
    held = {one.file for one in store.files()}
    assert held >= {f"{n}.md" for n in range(acknowledged + 1)}
    assert len(store.candidates(None, query_terms("apple"), 300).bm25) == len(held)


def test_what_is_remembered_of_searches_ends_with_a_write(opened: Opener) -> None:
    store, terms = opened(), query_terms("pear")
    files = entries("a.md", "apple red", "pear")
    store.replace(files)
    ids = [one.passage.chunk.id for one in files["a.md"]]
    (before,) = store.best([terms])
    assert [one.size_bytes for one in store.fetch(ids)] == [1000, 1000]
    store.touch("a.md", 5, 9.0)
    assert [one.size_bytes for one in store.fetch(ids)] == [5, 5]
    store.replace(entries("b.md", "pear pear pear", "plum"))
    (after,) = store.best([terms])
    assert after == store.candidates(None, terms, 1).bm25[0].score != before
    store.delete(["a.md"])
    assert store.fetch(ids) == []


def test_words_remembered_of_other_questions_are_answered_when_room_is_made(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trinax.index.shard.REMEMBERED_BEST", 1)
    store, pear, apple = opened(), query_terms("pear"), query_terms("apple")
    store.replace(entries("a.md", "apple red", "pear"))
    (alone,) = store.best([pear])
    both = store.best([pear, apple])
    assert both[0] == alone > 0 < both[1]
