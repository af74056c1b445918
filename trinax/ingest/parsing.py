"""One file to chunks and terms: the work that can run in another process."""

import logging
import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from trinax.documents.chunking import Limits, chunks
from trinax.documents.reading import read
from trinax.documents.records import Chunk, Document
from trinax.errors import UnreadableDocument
from trinax.index.analysis import document_terms
from trinax.index.languages import language
from trinax.index.records import Terms
from trinax.ingest.scan import Found

log = logging.getLogger(__name__)

BLOCK_BYTES = 1 << 20
DIGEST_BYTES = 20
# What a parser process says first.
GREETING = "ready"


@dataclass(frozen=True, slots=True)
class Job:
    """known: digest of the bytes whose chunks are already right, "" if there is none."""

    collection: str
    found: Found
    known: str
    limits: Limits
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of a job.

    outcome: "text": chunks and terms are the file's. "same": its bytes are the known ones.
    "unreadable": these bytes never become text. "unread": they could not be had this time.
    reason: of the last two, one clause.
    """

    found: Found
    outcome: Literal["text", "same", "unreadable", "unread"]
    digest: str = ""
    reason: str = ""
    kind: str = ""
    language: str = ""
    chunks: tuple[Chunk, ...] = ()
    terms: tuple[Terms, ...] = ()


def parsed(job: Job) -> Parsed:
    """The file's chunks and terms, or why there are none; never raises but on exhausted memory."""
    found = job.found
    digest = ""
    try:
        if _changed(found):
            return Parsed(found, "unread", reason="changed while it was being read")
        digest = _digest(found.path)
        if digest == job.known:
            return Parsed(found, "same", digest)
        document = read(Path(found.path), found.file, job.limit_bytes)
        if _changed(found):
            return Parsed(found, "unread", reason="changed while it was being read")
        return _in_parts(job, document, digest)
    except OSError as exc:
        return Parsed(found, "unread", reason=f"it cannot be read ({exc.strerror})")
    except UnreadableDocument as exc:
        return Parsed(found, "unreadable", digest, exc.reason)
    except Exception as exc:
        log.exception("Parsing %s failed.", found.file)
        return Parsed(found, "unreadable", digest, f"the parser failed ({type(exc).__name__})")


def _in_parts(job: Job, document: Document, digest: str) -> Parsed:
    spoken = language(document.text)
    parts = tuple(chunks(document, job.collection, job.limits))
    terms = tuple(document_terms(part.text, part.context, document.file, spoken) for part in parts)
    return Parsed(
        job.found, "text", digest, kind=document.kind, language=spoken, chunks=parts, terms=terms
    )


def _changed(found: Found) -> bool:
    """Raises OSError. A link put in the file's place counts as a change."""
    stat = os.stat(found.path, follow_symlinks=False)
    return (stat.st_size, stat.st_mtime_ns) != (found.size_bytes, found.mtime_ns)


def _digest(path: str) -> str:
    digest = blake2b(digest_size=DIGEST_BYTES)
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
