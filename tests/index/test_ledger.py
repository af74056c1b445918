import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from trinax.errors import NewerData
from trinax.index.ledger import RETIRED, Ledger, Retired, Row

A = Row("a.md", "", 10, 1_700_000_000_123_456_789, "aa", "1", 2, "indexed", "", "1d", 7)
B = Row("sub/ü.md", "/outside", 20, 2, "bb", "1", 0, "failed", "it is encrypted")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    ledger = Ledger(path)
    yield ledger
    ledger.close()


def test_a_row_comes_back_as_it_went_in(ledger: Ledger) -> None:
    ledger.put("notes", [A, B])
    assert ledger.rows("notes") == {"a.md": A, "sub/ü.md": B}
    assert ledger.rows("other") == {}


def test_a_later_row_replaces_an_earlier_one(ledger: Ledger) -> None:
    ledger.put("notes", [A])
    ledger.put("notes", [replace(A, digest="cc")])
    assert ledger.rows("notes") == {"a.md": replace(A, digest="cc")}


def test_deleted_files_are_forgotten(ledger: Ledger) -> None:
    ledger.put("notes", [A, B])
    ledger.put("other", [A])
    ledger.delete("notes", ["a.md", "never-there.md"])
    assert list(ledger.rows("notes")) == ["sub/ü.md"]
    assert list(ledger.rows("other")) == ["a.md"]


def test_clearing_keeps_the_outside_folders(ledger: Ledger) -> None:
    ledger.put("notes", [A, B])
    ledger.add_root("notes", "/outside")
    ledger.clear("notes")
    assert ledger.rows("notes") == {}
    assert ledger.roots("notes") == ["/outside"]


def test_indexed_files_are_found_by_their_digest(ledger: Ledger) -> None:
    ledger.put("notes", [A, replace(B, digest="aa")])
    ledger.put("other", [A])
    assert ledger.by_digest("aa") == [("notes", "a.md"), ("other", "a.md")]
    assert ledger.by_digest("") == []


def test_chunks_that_left_the_index_are_remembered(ledger: Ledger) -> None:
    gone = Retired("id", "notes", "a.md", "aa", "5e", 120, 3, 4, 1.5)
    ledger.retire([gone])
    assert ledger.retired("id") == gone
    ledger.retire([replace(gone, retired_s=2.5)])
    assert ledger.retired("id") == replace(gone, retired_s=2.5)
    assert ledger.retired("other") is None


def test_the_oldest_that_left_are_forgotten(ledger: Ledger) -> None:
    gone = Retired("id", "notes", "a.md", "aa", "5e", 120, 3, 4, 1.5)
    ledger.retire([gone])
    ledger.retire(replace(gone, chunk_id=str(n)) for n in range(RETIRED))
    assert ledger.retired("id") is None
    assert ledger.retired("0") is not None
    assert ledger.retired(str(RETIRED - 1)) is not None


def test_outside_folders_are_remembered_once(ledger: Ledger) -> None:
    for folder in ("/b", "/a", "/b"):
        ledger.add_root("notes", folder)
    assert ledger.roots("notes") == ["/a", "/b"]
    ledger.remove_roots("notes")
    assert ledger.roots("notes") == []


def test_collections_have_a_row_or_a_folder(ledger: Ledger) -> None:
    ledger.put("notes", [A])
    ledger.add_root("code", "/src")
    assert ledger.collections() == ["code", "notes"]


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    first = Ledger(path)
    first.put("notes", [A])
    first.close()
    again = Ledger(path)
    assert again.rows("notes") == {"a.md": A}
    again.close()


def test_a_batch_that_fails_leaves_nothing_behind(ledger: Ledger) -> None:
    broken = replace(B, size_bytes=2**70)
    with pytest.raises(OverflowError):
        ledger.put("notes", [A, broken])
    assert ledger.rows("notes") == {}
    ledger.put("notes", [A])
    assert ledger.rows("notes") == {"a.md": A}


def test_threads_can_write_at_once(ledger: Ledger) -> None:
    def write(n: int) -> None:
        for m in range(20):
            ledger.put("notes", [replace(A, file=f"{n}-{m}.md")])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.rows("notes")) == 80


def test_a_ledger_of_the_first_schema_is_read(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(FIRST_SCHEMA)
    for _ in range(2):
        ledger = Ledger(path)
        assert ledger.rows("notes") == {"a.md": replace(A, ids="", ctime_ns=0)}
        ledger.close()


FIRST_SCHEMA = """
CREATE TABLE files (
    collection TEXT NOT NULL,
    file TEXT NOT NULL,
    root TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (collection, file)
) WITHOUT ROWID;
INSERT INTO files VALUES
    ('notes', 'a.md', '', 10, 1700000000123456789, 'aa', '1', 2, 'indexed', '');
PRAGMA user_version = 1;
"""


def test_a_ledger_that_is_no_database_is_set_aside(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage " * 1000)
    with caplog.at_level(logging.ERROR):
        ledger = Ledger(path)
    assert ledger.collections() == []
    assert path.with_name("ledger.sqlite3.corrupt-1").read_bytes().startswith(b"garbage")
    assert "ledger.sqlite3.corrupt-1" in caplog.text
    ledger.put("notes", [A])
    ledger.close()


@pytest.mark.parametrize("opened_before", [False, True])
def test_a_damaged_page_sets_the_ledger_aside(path: Path, opened_before: bool) -> None:
    ledger = Ledger(path)
    # More than SQLite keeps of a file in memory.
    ledger.put("notes", [replace(A, file=f"{n}.md", root="r" * 200) for n in range(20_000)])
    ledger.close()
    early = Ledger(path) if opened_before else None
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    ledger = early or Ledger(path)
    assert ledger.rows("notes") == {}
    assert path.with_name("ledger.sqlite3.corrupt-1").exists()
    ledger.put("notes", [A])
    assert ledger.rows("notes") == {"a.md": A}
    ledger.close()


def test_a_ledger_of_a_newer_trinax_is_left_alone(path: Path) -> None:
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerData, match="newer trinax"):
        Ledger(path)
    assert not path.with_name("ledger.sqlite3.corrupt-1").exists()
