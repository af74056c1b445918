from dataclasses import replace
from pathlib import Path

import pytest

from trinax.documents.opening import Place
from trinax.index.ledger import Row
from trinax.ingest.plan import Stored, audited, plan
from trinax.ingest.scan import Found


def row(file: str, size_bytes: int = 1, mtime_ns: int = 1, pipeline: str = "v1") -> Row:
    return Row(file, "", size_bytes, mtime_ns, "d", pipeline, 2, "indexed", "", "ids", 1)


def found(file: str, size_bytes: int = 1, mtime_ns: int = 1, ctime_ns: int = 1) -> Found:
    return Found(file, Place(Path("/x"), file), size_bytes, mtime_ns, ctime_ns)


STORED = Stored(2, "ids", 1, 1e-9)


def test_nothing_differs_so_nothing_is_read() -> None:
    work = plan({"a": row("a")}, {"a": found("a")}, "v1", ())
    assert (work.read, work.gone, work.kept) == ((), (), 1)


def test_a_new_file_is_read() -> None:
    assert plan({}, {"a": found("a")}, "v1", ()).read == (found("a"),)


def test_another_size_is_read() -> None:
    assert plan({"a": row("a")}, {"a": found("a", size_bytes=2)}, "v1", ()).read


def test_an_older_time_is_read() -> None:
    assert plan({"a": row("a", mtime_ns=5)}, {"a": found("a", mtime_ns=4)}, "v1", ()).read


def test_a_change_that_kept_size_and_time_is_read() -> None:
    assert plan({"a": row("a")}, {"a": found("a", ctime_ns=2)}, "v1", ()).read


def test_a_file_too_fresh_to_tell_a_later_change_is_read_again() -> None:
    rows = {"a": replace(row("a"), ctime_ns=0)}
    assert plan(rows, {"a": found("a", ctime_ns=0)}, "v1", ()).read
    assert plan(rows, {"a": found("a")}, "v1", ()).read


def test_another_pipeline_is_read() -> None:
    assert plan({"a": row("a")}, {"a": found("a")}, "v2", ()).read


def test_a_file_that_is_no_more_is_gone() -> None:
    assert plan({"a": row("a")}, {}, "v1", ()).gone == (row("a"),)


def test_what_could_not_be_looked_at_is_not_gone() -> None:
    rows = {name: row(name) for name in ("shut/a", "shut/deep/b", "c", "shutter/d")}
    assert plan(rows, {}, "v1", {"shut/", "c"}).gone == (rows["shutter/d"],)


def test_a_row_that_the_store_bears_out_is_kept() -> None:
    assert audited({"a": row("a")}, {"a": STORED}) == {"a": row("a")}


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"a": replace(STORED, chunks=3)},
        {"a": replace(STORED, ids="others, as many")},
        {"a": replace(STORED, size_bytes=2)},
        {"a": replace(STORED, mtime_s=5.0)},
    ],
)
def test_a_row_that_the_store_does_not_bear_out_is_read_again(stored: dict[str, Stored]) -> None:
    rows = audited({"a": row("a")}, stored)
    assert plan(rows, {"a": found("a")}, "v1", ()).read


def test_a_row_of_an_older_ledger_learns_its_chunks() -> None:
    older = replace(row("a"), ids="")
    assert audited({"a": older}, {"a": STORED}) == {"a": row("a")}


def test_chunks_without_a_row_are_read_again_or_gone() -> None:
    rows = audited({}, {"a": STORED, "b": replace(STORED, chunks=1)})
    work = plan(rows, {"a": found("a")}, "v1", ())
    assert [one.file for one in work.read] == ["a"]
    assert [(one.file, one.chunks) for one in work.gone] == [("b", 1)]
