import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from trinax.documents.records import Chunk
from trinax.index import shard, summaries
from trinax.index.edge import EdgeStore
from trinax.index.places import serving
from trinax.index.records import Entry, FileSummary, Passage, Terms

WIDTH = 4


def _entry(number: int, file: str) -> Entry:
    text = f"note {number}"
    chunk = Chunk(str(UUID(int=number)), text, "", 0, len(text), 1, 1, None, 2)
    passage = Passage("notes", file, 0, chunk, "text", "", 70, 5.5)
    return Entry(passage, np.eye(1, WIDTH, dtype=np.float32)[0], Terms((1, number + 2), (1.0, 1.0)))


def _store(folder: Path) -> EdgeStore:
    return EdgeStore(folder, "notes", WIDTH, "static-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a store with three files, closed."""
    store = _store(tmp_path / "notes")
    store.replace({f"{number}.md": (_entry(number, f"{number}.md"),) for number in range(3)})
    store.close()
    return tmp_path / "notes"


def _list(folder: Path) -> Path:
    place = serving(folder)
    assert place is not None
    return place.shard / summaries.NAME


def test_a_closed_store_has_a_list_of_its_files(folder: Path) -> None:
    assert summaries.kept(_list(folder).parent) == {
        f"{number}.md": FileSummary(f"{number}.md", 1, 70, 5.5, f"note {number}")
        for number in range(3)
    }


def test_an_opened_store_lists_what_is_kept(folder: Path) -> None:
    marked = [FileSummary(f"{number}.md", 1, 71, 6.5, "kept") for number in range(3)]
    summaries.keep(_list(folder).parent, marked)
    store = _store(folder)
    assert store.files() == marked
    store.close()


def test_the_list_is_gone_once_something_is_written(folder: Path) -> None:
    store = _store(folder)
    assert _list(folder).exists()
    store.delete(["1.md"])
    assert not _list(folder).exists()
    assert [one.file for one in store.files()] == ["0.md", "2.md"]
    store.close()
    assert {*(summaries.kept(_list(folder).parent) or {})} == {"0.md", "2.md"}


def test_a_store_that_was_not_closed_is_asked_itself(folder: Path) -> None:
    place = serving(folder)
    assert place is not None
    opened = shard.opened(place.shard, "notes", WIDTH)
    opened.touch("1.md", 99, 9.5)
    opened._shard.close()  # as the system ends a process
    assert not _list(folder).exists()
    again = shard.opened(place.shard, "notes", WIDTH)
    assert again.file("1.md") == FileSummary("1.md", 1, 99, 9.5, "note 1")
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text("7"),
        lambda path: path.write_text('[["0.md"]]'),
        lambda path: path.write_text('[["0.md", "three", 70, 5.5, "note"]]'),
        lambda path: path.write_text('[["0.md", 2, 70, 5.5, "note 0"]]'),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.unlink(),
    ],
)
def test_a_damaged_list_is_not_believed(folder: Path, damage: Callable[[Path], object]) -> None:
    damage(_list(folder))
    store = _store(folder)
    assert [one.file for one in store.files()] == ["0.md", "1.md", "2.md"]
    store.close()


def test_a_dropped_store_leaves_nothing(folder: Path) -> None:
    _store(folder).drop()
    assert not folder.exists()


def test_a_compact_store_keeps_its_list(folder: Path) -> None:
    store = _store(folder)
    assert store.compact(threading.Event())
    store.close()
    assert {*(summaries.kept(_list(folder).parent) or {})} == {"0.md", "1.md", "2.md"}
