"""A passage as the payload of a point, and back; both engines store the same keys."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trinax.documents.records import Chunk
from trinax.index.records import FileSummary, Passage

# Indexed by the engines: those that a filter names.
KEYWORDS = ("file", "kind", "language")
INTEGERS = ("ordinal",)

# What a file's summary is made of.
SUMMARISED = ("file", "size", "mtime", "text")
PREVIEW_CHARACTERS = 200

# A UUID as str(UUID) writes it; parsing one takes five times as long.
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def payload(passage: Passage) -> dict[str, Any]:
    """Everything of the passage but its collection and chunk id, which the point itself has."""
    chunk = passage.chunk
    return {
        "file": passage.file,
        "ordinal": passage.ordinal,
        "kind": passage.kind,
        "language": passage.language,
        "size": passage.size_bytes,
        "mtime": passage.mtime_s,
        "text": chunk.text,
        "context": chunk.context,
        # One by one: the engine takes ten times as long over a list.
        "start_byte": chunk.start_byte,
        "end_byte": chunk.end_byte,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "page": chunk.page,
        "tokens": chunk.tokens,
        "encoding": chunk.encoding,
    }


def passage(collection: str, chunk_id: str, payload: Mapping[str, Any]) -> Passage:
    """The passage that payload() was made from."""
    chunk = Chunk(
        id=chunk_id,
        text=payload["text"],
        context=payload["context"],
        start_byte=payload["start_byte"],
        end_byte=payload["end_byte"],
        start_line=payload["start_line"],
        end_line=payload["end_line"],
        page=payload["page"],
        tokens=payload["tokens"],
        encoding=payload["encoding"],
    )
    return Passage(
        collection=collection,
        file=payload["file"],
        ordinal=payload["ordinal"],
        chunk=chunk,
        kind=payload["kind"],
        language=payload["language"],
        size_bytes=payload["size"],
        mtime_s=float(payload["mtime"]),
    )


def summary(first: Passage, chunks: int) -> FileSummary:
    """first: the file's passage of ordinal 0."""
    return summarised(payload(first), chunks)


def summarised(first: Mapping[str, Any], chunks: int) -> FileSummary:
    """As summary(), of a payload; SUMMARISED are enough of it."""
    return FileSummary(
        file=first["file"],
        chunks=chunks,
        size_bytes=first["size"],
        mtime_s=float(first["mtime"]),
        preview=first["text"][:PREVIEW_CHARACTERS],
    )


def possible_ids(chunk_ids: Iterable[str]) -> list[str]:
    """Those that an engine takes for an id; clients may ask for any text."""
    return [chunk_id for chunk_id in chunk_ids if UUID_TEXT.fullmatch(chunk_id)]
