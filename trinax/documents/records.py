"""The records that leave this package: a document and its chunks."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Document:
    """One file's text and where it came from.

    file: path relative to its collection, with "/" between parts.
    kind: what chunks it: "markdown", "text", "pdf", one that is read as Markdown ("html", "docx"),
        a form of data ("json") or a programming language ("python").
    text: for text formats the file's own characters, line ends included, so that
        `text.encode(encoding)` is the file (a byte order mark aside); else what was extracted.
    exact: True if byte ranges index the file's own bytes, False if they index
        `text.encode("utf-8")`.
    encoding: the file's; "utf-8" where exact is False.
    bom_bytes: length of the byte order mark before the text, 0 without one.
    pages: character offset in `text` at which each page starts; empty where there are none.
    missing: what of the file is not in `text` and why, as a clause; "" if all of it is.
    """

    file: str
    kind: str
    title: str
    text: str
    exact: bool = True
    encoding: str = "utf-8"
    bom_bytes: int = 0
    pages: tuple[int, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A contiguous span of a document.

    id: a UUID string, stable while collection, file and text stay the same.
    context: title, heading path or enclosing definition; helps search, is never cited.
    start_byte, end_byte: half open, in the file's bytes (see Document.exact).
    start_line, end_line: from 1, both included.
    page: from 1; None where there are no pages.
    tokens: of text, by the shipped ranks.
    encoding: of the bytes that start_byte and end_byte count; has no byte order mark.
    """

    id: str
    text: str
    context: str
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    page: int | None
    tokens: int
    encoding: str = "utf-8"

    @property
    def sha256(self) -> str:
        """Hex digest of the text in UTF-8: what a reader can check a citation with."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Cut:
    """A document and all of its chunks in order."""

    document: Document
    chunks: tuple[Chunk, ...]
