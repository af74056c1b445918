"""Text files, character for character."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from trinax.errors import UnreadableDocument

# The longer mark first: UTF-32's begins like UTF-16's.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# How Python, HTML, XML and others name their own encoding, near the top.
DECLARED = re.compile(rb"(?:coding|charset|encoding)\s*[=:]\s*[\"']?([A-Za-z][\w.:-]*)")
DECLARED_WITHIN_BYTES = 1024

# Statistics on less text than this are no better than the most usual legacy encoding.
GUESSED_FROM_BYTES = 64
GUESSED_WITHIN_BYTES = 65_536

LEGACY = ("cp1252", "latin-1")

# Encodings whose bytes mean nothing without those before them: no byte range can be cited.
STATEFUL = re.compile(r"iso2022|hz|utf_7|utf_16$|utf_32$|utf_8_sig|punycode|idna|unicode_escape")

CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
CONTROLS_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """text.encode(encoding) is the file after its bom_bytes."""

    text: str
    encoding: str
    bom_bytes: int = 0


def decoded(data: bytes) -> Decoded:
    """The text of a file and how to get its bytes back.

    By byte order mark, else UTF-8, else the encoding that the file itself names, else what its
    statistics suggest, else Western European.
    Raises UnreadableDocument for bytes that are no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = _exactly(data[len(mark) :], encoding)
            if text is None:
                raise UnreadableDocument(f"its byte order mark says {encoding}, its bytes do not")
            return Decoded(text, encoding, len(mark))
    if b"\0" in data:
        raise UnreadableDocument("binary: it contains NUL bytes")
    for encoding in _candidates(data):
        text = _exactly(data, encoding)
        if text is not None:
            if encoding != "utf-8" and _is_noise(text):
                raise UnreadableDocument("binary, or text in an unknown encoding")
            return Decoded(text, encoding)
    raise UnreadableDocument("text in an unknown encoding")


def _candidates(data: bytes) -> Iterator[str]:
    yield "utf-8"
    declared = DECLARED.search(data, 0, DECLARED_WITHIN_BYTES)
    if declared and (name := _codec(declared[1].decode("ascii"))):
        yield name
    if len(data) >= GUESSED_FROM_BYTES:
        yield from _guesses(data[:GUESSED_WITHIN_BYTES])
    yield from LEGACY


def _guesses(data: bytes) -> list[str]:
    """What the statistics suggest; the usual encoding first among equals."""
    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        return []
    equals = [
        match.encoding
        for match in matches
        if (match.chaos, match.coherence) == (best.chaos, best.coherence)
    ]
    name = LEGACY[0] if LEGACY[0] in equals else _codec(best.encoding)
    return [name] if name else []


def _codec(name: str) -> str | None:
    """Python's name of a stateless text encoding, None for any other."""
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except LookupError:
        return None
    return None if STATEFUL.search(codec.replace("-", "_")) else codec


def _exactly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
        return text if text.encode(encoding) == data else None
    except UnicodeError:
        return None


def _is_noise(text: str) -> bool:
    return len(CONTROLS.findall(text)) > CONTROLS_SHARE * len(text)
