"""What a reconcile has to look at: ledger rows against scanned files, by size and time alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from trinax.index.ledger import Row
from trinax.ingest.scan import Found


@dataclass(frozen=True, slots=True)
class Plan:
    """read: new files and those whose size, time or pipeline differ; their digest decides whether
    they were added, changed, moved or only touched. gone: rows whose file is no more.
    kept: files without work.
    """

    read: tuple[Found, ...]
    gone: tuple[Row, ...]
    kept: int


def plan(
    rows: Mapping[str, Row], found: Mapping[str, Found], pipeline: str, unseen: Collection[str]
) -> Plan:
    """The work that makes rows match the files found.

    pipeline: version that makes chunks now. unseen: files and folders ("docs/") that could not be
    looked at; what the rows say of them stays.
    """
    read = tuple(file for name, file in found.items() if _differs(rows.get(name), file, pipeline))
    closed = tuple(one for one in unseen if one.endswith("/"))
    gone = tuple(
        row
        for name, row in rows.items()
        if name not in found and name not in unseen and not (closed and name.startswith(closed))
    )
    return Plan(read, gone, len(found) - len(read))


def audited(rows: Mapping[str, Row], stored: Mapping[str, int]) -> dict[str, Row]:
    """The rows as far as the store bears them out; any other file is to be read again.

    They part after a crash, with a new store or a new ledger. stored: chunks by file.
    """
    sound = {
        file: row
        if row.chunks == stored.get(file, 0)
        else replace(row, pipeline="", digest="", chunks=stored.get(file, 0))
        for file, row in rows.items()
    }
    for file, chunks in stored.items():
        if file not in rows:
            sound[file] = Row(file, "", 0, 0, "", "", chunks, "indexed")
    return sound


def _differs(row: Row | None, file: Found, pipeline: str) -> bool:
    return row is None or (row.size_bytes, row.mtime_ns, row.pipeline) != (
        file.size_bytes,
        file.mtime_ns,
        pipeline,
    )
