"""What a reconcile has to look at: ledger rows against scanned files, by size and times alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from trinax.index.ledger import Row
from trinax.ingest.scan import Found

# Times go through seconds as a float, on to an engine and back.
SAME_S = 1e-3
# No time of a file: it differs from every row's.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """read: new files and those whose size, times or pipeline differ; their digest decides whether
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


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store holds of a file. ids: as Row.ids."""

    chunks: int
    ids: str
    size_bytes: int
    mtime_s: float


def audited(rows: Mapping[str, Row], stored: Mapping[str, Stored]) -> dict[str, Row]:
    """The rows as far as the store bears them out; any other file is to be read again.

    They part after a crash, with a new store or a new ledger. stored: by file. A row of an older
    ledger, which does not know its chunks, gets to know them here if their number is right.
    """
    sound = {file: _borne_out(row, stored.get(file)) for file, row in rows.items()}
    for file, one in stored.items():
        if file not in rows:
            sound[file] = Row(file, "", 0, 0, "", "", one.chunks, "indexed")
    return sound


def _borne_out(row: Row, stored: Stored | None) -> Row:
    if stored is None:
        return row if not row.chunks else replace(row, pipeline="", digest="", chunks=0)
    if (row.chunks, row.ids or stored.ids) == (stored.chunks, stored.ids) and (
        row.size_bytes == stored.size_bytes and abs(row.mtime_ns / 1e9 - stored.mtime_s) < SAME_S
    ):
        return row if row.ids else replace(row, ids=stored.ids)
    return replace(row, pipeline="", digest="", chunks=stored.chunks)


def _differs(row: Row | None, file: Found, pipeline: str) -> bool:
    return row is None or (row.size_bytes, row.mtime_ns, row.ctime_ns, row.pipeline) != (
        file.size_bytes,
        file.mtime_ns,
        file.ctime_ns or UNKNOWN,
        pipeline,
    )
