"""Why a file is found or is not: what the index and the rules say of one path at this moment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from trinax.index.ledger import Row
from trinax.ingest.records import Failure
from trinax.ingest.scan import Found, Limits, Root, Scan, scan

State = Literal["indexed", "waiting", "failed", "left_out", "gone", "outside"]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Of a file, or of a folder with all below it, in one collection.

    collection: id; "" with state "outside". name: in the collection; a folder's ends in "/", that
    of all of it is "". reason: of "failed", "left_out", "gone" and "outside", a clause; of
    "indexed", what is not in the index yet or at all, else "". indexed, waiting, failed, left_out:
    files. chunks: of the indexed ones. mtime_s: their latest change, None where there are none.
    """

    collection: str
    name: str
    state: State
    reason: str = ""
    indexed: int = 0
    waiting: int = 0
    failed: int = 0
    left_out: int = 0
    chunks: int = 0
    mtime_s: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a collection's files beside what lies in its folders.

    rows: by file. failures: why files could not be read, without a row too.
    """

    collection: str
    rows: Mapping[str, Row]
    failures: Mapping[str, str]


def below(root: Root, path: Path) -> str | None:
    """The path as the root has it, "" for itself; None if it lies elsewhere."""
    if not path.is_relative_to(root.folder):
        return None
    inner = path.relative_to(root.folder).as_posix()
    return "" if inner == "." else inner


def whereabouts(root: Root, inner: str, limits: Limits, known: Known) -> Whereabouts:
    """inner: path of a file or folder below the root, "" for all of it."""
    path = os.path.join(root.folder, inner)
    is_folder = os.path.isdir(path) and not os.path.islink(path)
    name = root.prefix + (f"{inner}/" if inner and is_folder else inner)
    rows = {
        file: row
        for file, row in known.rows.items()
        if row.root == root.key and (file.startswith(name) if is_folder else file == name)
    }
    try:
        seen = scan(root, limits, frozenset({inner}) if inner else None)
    except OSError as exc:
        why = f"the folder {root.folder.name!r} cannot be read ({exc.strerror})"
        return _counted(Whereabouts(known.collection, name, "failed", why, failed=1), rows)
    if refused := _refused(name, seen):
        return Whereabouts(known.collection, name, *refused)
    if is_folder:
        return _counted(_folder(name, seen, rows, known), rows)
    return _counted(_file(name, seen.files.get(name), rows.get(name), known), rows)


def _refused(name: str, seen: Scan) -> tuple[State, str] | None:
    """What the scan says of it or of a folder that it lies in."""
    told: tuple[tuple[State, tuple[Failure, ...]], ...] = (
        ("failed", seen.failed),
        ("left_out", seen.left_out),
    )
    for state, listed in told:
        for one in listed:
            if one.file == name:
                return state, one.reason
            if one.file.endswith("/") and name.startswith(one.file):
                return state, f"it lies in {one.file}: {one.reason}"
    return None


def _file(name: str, found: Found | None, row: Row | None, known: Known) -> Whereabouts:
    if found is None:
        why = "it leaves the index with the next look" if row else "there is no such file"
        return Whereabouts(known.collection, name, "gone", why)
    if row is not None and row.outcome == "indexed":
        later = "" if _is_of(row, found) else "it has changed since, and waits to be indexed again"
        return Whereabouts(known.collection, name, "indexed", later or row.reason)
    if row is not None and _is_of(row, found):
        state: State = "failed" if row.outcome == "failed" else "left_out"
        return Whereabouts(known.collection, name, state, row.reason)
    if reason := known.failures.get(name):
        return Whereabouts(known.collection, name, "failed", reason)
    return Whereabouts(known.collection, name, "waiting")


def _folder(name: str, seen: Scan, rows: Mapping[str, Row], known: Known) -> Whereabouts:
    failed = {file for file in known.failures if file.startswith(name)}
    waiting = {
        file
        for file, found in seen.files.items()
        if file not in failed and not (file in rows and _is_of(rows[file], found))
    }
    left_out = seen.skipped + sum(row.outcome == "skipped" for row in rows.values())
    counts: dict[State, int] = {
        "indexed": sum(row.outcome == "indexed" for row in rows.values()),
        "waiting": len(waiting),
        "failed": len(failed),
        "left_out": left_out,
    }
    state: State = next((state for state, count in counts.items() if count), "indexed")
    reason = "every file in it" if state == "left_out" else ""
    return Whereabouts(
        known.collection,
        name,
        state,
        reason,
        waiting=len(waiting),
        failed=len(failed),
        left_out=left_out,
    )


def _counted(one: Whereabouts, rows: Mapping[str, Row]) -> Whereabouts:
    indexed = [row for row in rows.values() if row.outcome == "indexed"]
    return replace(
        one,
        indexed=len(indexed),
        chunks=sum(row.chunks for row in indexed),
        mtime_s=max((row.mtime_ns / 1e9 for row in indexed), default=None),
    )


def _is_of(row: Row, found: Found) -> bool:
    return (row.size_bytes, row.mtime_ns) == (found.size_bytes, found.mtime_ns)
