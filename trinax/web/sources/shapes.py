"""What browsing answers with."""

from typing_extensions import TypedDict

from trinax.index.ledger import Retired
from trinax.index.records import FileSummary
from trinax.web.sources.freshness import Checked, Place, Status
from trinax.web.wire import rendering

PREVIEW_CHARACTERS = 200


class SourceFile(TypedDict):
    """size: bytes. mtime: seconds since the epoch, the file's own."""

    file: str
    chunks: int
    size: int
    mtime: float
    preview: str


class SourceList(TypedDict):
    """total: files of the collection, of which `sources` is a page."""

    collection: str
    total: int
    sources: list[SourceFile]


class SourceChunks(TypedDict):
    """total: chunks that hold the query, of which `chunks` is a page."""

    collection: str
    file: str
    total: int
    query: str
    chunks: list[rendering.Chunk]


class SourceLine(TypedDict):
    """line: its number, from 1."""

    line: int
    text: str


class SourceText(TypedDict):
    """total: lines of the file, of which `lines` is a page."""

    collection: str
    file: str
    kind: str
    title: str
    total: int
    lines: list[SourceLine]


class CitationPlace(TypedDict):
    """Where a cited text stands now."""

    collection_id: str
    file: str
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int


class Citation(TypedDict):
    """Text, page and bytes of a chunk that has left the index are null: they are not kept. now:
    null where the text stands no more."""

    chunk_id: str
    status: Status
    collection_id: str
    file: str
    page: int | None
    start_line: int
    end_line: int
    start_byte: int | None
    end_byte: int | None
    sha256: str
    text: str | None
    now: CitationPlace | None


def file(summary: FileSummary) -> SourceFile:
    return {
        "file": summary.file,
        "chunks": summary.chunks,
        "size": summary.size_bytes,
        "mtime": summary.mtime_s,
        "preview": summary.preview[:PREVIEW_CHARACTERS],
    }


def citation(checked: Checked) -> Citation:
    cited = checked.cited
    kept = None if isinstance(cited, Retired) else cited.chunk
    at = cited if isinstance(cited, Retired) else cited.chunk
    return {
        "chunk_id": cited.chunk_id if isinstance(cited, Retired) else cited.chunk.id,
        "status": checked.status,
        "collection_id": cited.collection,
        "file": cited.file,
        "page": kept.page if kept else None,
        "start_line": at.start_line,
        "end_line": at.end_line,
        "start_byte": kept.start_byte if kept else None,
        "end_byte": kept.end_byte if kept else None,
        "sha256": at.sha256,
        "text": kept.text if kept else None,
        "now": None if checked.now is None else _place(checked.now),
    }


def _place(place: Place) -> CitationPlace:
    return {
        "collection_id": place.collection,
        "file": place.file,
        "start_line": place.start_line,
        "end_line": place.end_line,
        "start_byte": place.start_byte,
        "end_byte": place.end_byte,
    }
