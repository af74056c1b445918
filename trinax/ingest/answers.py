"""What a parser process says, as JSON that is checked field by field.

A parser reads what strangers wrote: taken over by it, it must not run code in the server, as
pickles would let it. Questions come from the server and may be pickles.
"""

import struct
from typing import IO, Literal

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from trinax.documents.chunking import ids
from trinax.documents.records import Chunk, Cut, Document
from trinax.index.records import Terms
from trinax.ingest.parsing import Content, Job, Parsed

LENGTH = struct.Struct(">I")
# Far above what the largest file comes to.
LIMIT_BYTES = 1 << 30


class BadAnswer(Exception):
    """What came is no answer."""


class Made(TypedDict):
    """Parsed without its file, which the server knows better."""

    outcome: Literal["text", "same", "unwanted", "unreadable", "unread"]
    digest: str
    reason: str
    kind: str
    language: str
    chunks: tuple[Chunk, ...]
    terms: tuple[Terms, ...]


MADE: TypeAdapter[Made] = TypeAdapter(Made)
# A document, or in one clause why there is none.
READ: TypeAdapter[Document | str] = TypeAdapter(Document | str)
CUT: TypeAdapter[Cut | str] = TypeAdapter(Cut | str)


def send_parsed(parsed: Parsed, stream: IO[bytes]) -> None:
    made: Made = {
        "outcome": parsed.outcome,
        "digest": parsed.digest,
        "reason": parsed.reason,
        "kind": parsed.kind,
        "language": parsed.language,
        "chunks": parsed.chunks,
        "terms": parsed.terms,
    }
    _send(MADE.dump_json(made), stream)


def send_read(answer: Document | str, stream: IO[bytes]) -> None:
    _send(READ.dump_json(answer), stream)


def send_cut(answer: Cut | str, stream: IO[bytes]) -> None:
    _send(CUT.dump_json(answer), stream)


def receive_parsed(job: Job, stream: IO[bytes]) -> Parsed:
    """Raises EOFError, OSError and BadAnswer."""
    try:
        made = MADE.validate_json(_received(stream), strict=True)
    except ValidationError as exc:
        raise BadAnswer from exc
    own = ids(job.collection, job.found.file, [chunk.text for chunk in made["chunks"]])
    # Another id would replace a chunk of another file.
    if [chunk.id for chunk in made["chunks"]] != own or len(made["terms"]) != len(own):
        raise BadAnswer
    return Parsed(job.found, **made)


def receive_read(stream: IO[bytes]) -> Document | str:
    """Raises EOFError, OSError and BadAnswer."""
    try:
        return READ.validate_json(_received(stream), strict=True)
    except ValidationError as exc:
        raise BadAnswer from exc


def receive_cut(content: Content, stream: IO[bytes]) -> Cut | str:
    """Raises EOFError, OSError and BadAnswer."""
    try:
        answer = CUT.validate_json(_received(stream), strict=True)
    except ValidationError as exc:
        raise BadAnswer from exc
    if isinstance(answer, str):
        return answer
    own = ids(content.collection, content.file, [chunk.text for chunk in answer.chunks])
    if answer.document.file != content.file or [chunk.id for chunk in answer.chunks] != own:
        raise BadAnswer
    return answer


def _send(content: bytes, stream: IO[bytes]) -> None:
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes:
    (length,) = LENGTH.unpack(_exactly(LENGTH.size, stream))
    if length > LIMIT_BYTES:
        raise BadAnswer
    return _exactly(length, stream)


def _exactly(length: int, stream: IO[bytes]) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content
