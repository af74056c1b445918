"""One file to chunks and terms: the work that can run in another process."""

import logging
import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO, Literal

from trinax.documents import languages
from trinax.documents.chunking import Limits, chunks
from trinax.documents.opening import Place, opened
from trinax.documents.reading import contents, document
from trinax.documents.records import Chunk, Cut, Document
from trinax.errors import UnreadableDocument
from trinax.index.analysis import document_terms
from trinax.index.languages import language
from trinax.index.records import Terms
from trinax.ingest.contents import unwanted
from trinax.ingest.scan import Found

log = logging.getLogger(__name__)

DIGEST_BYTES = 20


# Formats whose readers unpack and take apart what strangers made: not in the server.
APART = languages.READ_AS_MARKDOWN | {"pdf"}


@dataclass(frozen=True, slots=True)
class Job:
    """known: digest of the bytes whose chunks are already right, "" if there is none."""

    collection: str
    found: Found
    known: str
    limits: Limits
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The other thing that a parser can be asked: a file's text as it is now."""

    place: Place
    file: str
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """A third one: the chunks of a file that lies nowhere. collection: that their ids are of."""

    collection: str
    file: str
    data: bytes
    limits: Limits


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of a job.

    outcome: "text": chunks and terms are the file's. "same": its bytes are the known ones.
    "unwanted": it is left out for what stands in it. "unreadable": these bytes never become text.
    "unread": they could not be had this time.
    reason: of the last three, one clause; of "text", what of the file is not in it.
    """

    found: Found
    outcome: Literal["text", "same", "unwanted", "unreadable", "unread"]
    digest: str = ""
    reason: str = ""
    kind: str = ""
    language: str = ""
    chunks: tuple[Chunk, ...] = ()
    terms: tuple[Terms, ...] = ()


def is_read_apart(file: str) -> bool:
    """Whether a file of that name is read in a parser process only."""
    return languages.kind(file) in APART


def parsed(job: Job) -> Parsed:
    """The file's chunks and terms, or why there are none; never raises but on exhausted memory."""
    found = job.found
    digest = ""
    try:
        with opened(found.place) as stream:
            data = contents(stream, job.limit_bytes)
            if _changed(found, stream):
                return Parsed(found, "unread", reason="changed while it was being read")
        digest = blake2b(data, digest_size=DIGEST_BYTES).hexdigest()
        if digest == job.known:
            return Parsed(found, "same", digest)
        return _in_parts(job, document(data, found.file), digest)
    except OSError as exc:
        return Parsed(found, "unread", reason=f"it cannot be read ({exc.strerror})")
    except UnreadableDocument as exc:
        return Parsed(found, "unreadable", digest, exc.reason)
    except Exception as exc:
        log.exception("Parsing %s failed.", found.file)
        return Parsed(found, "unreadable", digest, f"the parser failed ({type(exc).__name__})")


def cut(content: Content) -> Cut | str:
    """The file in chunks, or in one clause why there are none."""
    try:
        found = document(content.data, content.file)
        return Cut(found, tuple(chunks(found, content.collection, content.limits)))
    except UnreadableDocument as exc:
        return exc.reason
    except Exception as exc:  # noqa: BLE001 - what it says may be words of the file: not logged
        return f"the parser failed ({type(exc).__name__})"


def _in_parts(job: Job, document: Document, digest: str) -> Parsed:
    if reason := unwanted(document):
        return Parsed(job.found, "unwanted", digest, reason)
    spoken = language(document.text)
    parts = tuple(chunks(document, job.collection, job.limits))
    terms = tuple(document_terms(part.text, part.context, document.file, spoken) for part in parts)
    return Parsed(
        job.found,
        "text",
        digest,
        reason=document.missing,
        kind=document.kind,
        language=spoken,
        chunks=parts,
        terms=terms,
    )


def _changed(found: Found, stream: BinaryIO) -> bool:
    stat = os.fstat(stream.fileno())
    return (stat.st_size, stat.st_mtime_ns) != (found.size_bytes, found.mtime_ns)
