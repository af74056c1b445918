from pathlib import Path
from typing import Literal

from trinax.documents.opening import Place
from trinax.index.ledger import Row
from trinax.ingest.progress import Progress
from trinax.ingest.records import LISTED, Failure
from trinax.ingest.scan import Found, Scan


def row(
    file: str,
    chunks: int = 2,
    size_bytes: int = 10,
    reason: str = "",
    outcome: Literal["indexed", "failed", "skipped", ""] = "",
) -> Row:
    outcome = outcome or ("failed" if reason else "indexed")
    return Row(file, "", size_bytes, 1, "d", "v", chunks, outcome, reason)


def found(file: str) -> Found:
    return Found(file, Place(Path("/x"), file), 10, 1)


def loaded(*rows: Row) -> Progress:
    progress = Progress("notes")
    progress.load({one.file: one for one in rows})
    return progress


def test_a_collection_begins_idle_and_empty() -> None:
    status = Progress("notes").status()
    assert (status.id, status.state, status.total, status.eta_s) == ("notes", "idle", 0, None)


def test_the_ledger_is_counted() -> None:
    status = loaded(row("a"), row("b", chunks=3), row("c", chunks=0, reason="binary")).status()
    assert (status.indexed, status.failed, status.total) == (2, 1, 3)
    assert (status.chunks, status.bytes) == (5, 20)
    assert status.failures == (Failure("c", "binary"),)


def test_files_to_read_make_it_indexing() -> None:
    progress = loaded(row("a"))
    progress.queue([found("a"), found("b")], {"a": row("a")})
    status = progress.status()
    assert (status.state, status.queued, status.total) == ("indexing", 2, 2)


def test_nothing_to_read_leaves_it_idle() -> None:
    progress = loaded(row("a"))
    progress.queue([], {})
    assert progress.status().state == "idle"


def test_a_file_that_is_done_leaves_the_queue() -> None:
    progress = loaded(row("a"))
    progress.queue([found("a")], {"a"})
    progress.put([(row("a"), row("a", chunks=7))])
    status = progress.status()
    assert (status.queued, status.indexed, status.chunks) == (0, 1, 7)


def test_a_failure_that_is_mended_is_listed_no_more() -> None:
    bad = row("a", chunks=0, reason="binary")
    progress = loaded(bad)
    progress.put([(bad, row("a"))])
    assert (progress.status().failed, progress.status().indexed) == (0, 1)


def test_a_removed_file_counts_no_more() -> None:
    progress = loaded(row("a"), row("b"))
    progress.remove([row("a")])
    assert (progress.status().indexed, progress.status().chunks) == (1, 2)


def test_failures_are_all_counted_and_some_listed() -> None:
    progress = loaded(*(row(f"{n:05}", reason="binary") for n in range(LISTED + 5)))
    status = progress.status()
    assert (status.failed, len(status.failures)) == (LISTED + 5, LISTED)


def test_skipped_files_of_all_roots_are_counted() -> None:
    progress = loaded()
    progress.scanned([Scan(skipped=2), Scan(skipped=3)])
    assert (progress.status().skipped, progress.status().total) == (5, 5)


def test_what_may_be_missed_is_listed_first() -> None:
    hidden, large, link = Failure(".x", "hidden"), Failure("y", "large"), Failure("z", "a link")
    progress = loaded()
    progress.put([(None, row("a", reason="holds a private key", outcome="skipped"))])
    progress.scanned([Scan(left_out=(large, hidden), missed=1), Scan(left_out=(link,), missed=1)])
    status = progress.status()
    assert status.left_out == (Failure("a", "holds a private key"), large, link, hidden)
    assert status.missed == 3


def test_what_is_left_out_is_listed_up_to_a_limit() -> None:
    progress = loaded()
    progress.scanned([Scan(left_out=(Failure("x", "hidden"),) * LISTED)] * 2)
    assert len(progress.status().left_out) == LISTED


def test_an_end_with_a_problem_is_a_failure() -> None:
    progress = loaded()
    progress.end("the disk is full")
    assert (progress.status().state, progress.status().problem) == ("failed", "the disk is full")


def test_a_good_end_forgets_the_problem() -> None:
    progress = loaded()
    progress.end("the disk is full")
    progress.end()
    assert (progress.status().state, progress.status().problem) == ("idle", "")
