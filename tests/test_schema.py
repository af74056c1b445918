import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from trinax.errors import NewerData
from trinax.schema import Schema, copied

FIRST = ("CREATE TABLE IF NOT EXISTS birds (name TEXT)",)
SECOND = ("ALTER TABLE birds ADD COLUMN legs INTEGER NOT NULL DEFAULT 2",)
BIRDS = Schema("birds.sqlite", (FIRST, SECOND))


def connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connected(tmp_path / "birds.sqlite")) as made:
        yield made


def version(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_a_new_file_gets_all_steps(connection: sqlite3.Connection) -> None:
    BIRDS.bring(connection)
    connection.execute("INSERT INTO birds (name) VALUES ('wren')")
    assert connection.execute("SELECT * FROM birds").fetchall() == [("wren", 2)]
    assert version(connection) == 2


@pytest.mark.parametrize("stamp", [0, 1])
def test_an_older_file_comes_forward_with_what_it_holds(
    connection: sqlite3.Connection, stamp: int
) -> None:
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.execute("INSERT INTO birds VALUES ('wren')")
    connection.execute(f"PRAGMA user_version = {stamp}")
    for _ in range(2):
        BIRDS.bring(connection)
        assert connection.execute("SELECT * FROM birds").fetchall() == [("wren", 2)]


def test_a_newer_file_is_refused_with_both_versions(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 7")
    said = r"A newer trinax wrote birds.sqlite: it has version 7, and this one knows 2"
    with pytest.raises(NewerData, match=said):
        BIRDS.bring(connection)
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_a_step_that_fails_leaves_the_file_as_it_was(connection: sqlite3.Connection) -> None:
    broken = replace(BIRDS, steps=(FIRST, SECOND, ("CREATE TABLE eggs (n)", "no SQL at all")))
    with pytest.raises(sqlite3.OperationalError):
        broken.bring(connection)
    assert version(connection) == 0
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_a_copy_has_what_is_committed_and_one_file(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    BIRDS.bring(connection)
    connection.execute("INSERT INTO birds VALUES ('wren', 2)")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO birds VALUES ('crow', 2)")
    copied(tmp_path / "birds.sqlite", tmp_path / "copy")
    connection.execute("ROLLBACK")
    with closing(connected(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT name FROM birds").fetchall() == [("wren",)]
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
