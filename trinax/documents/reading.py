"""A file on disk → a document, whatever its format."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

from trinax.documents import languages, titles
from trinax.documents.opening import Place, opened
from trinax.documents.readers import (
    book,
    mail,
    notebook,
    opendocument,
    pdf,
    richtext,
    sheet,
    slides,
    text,
    webpage,
    word,
)
from trinax.documents.readers.extracted import Extracted
from trinax.documents.records import Document
from trinax.errors import UnreadableDocument

HEAD_BYTES = 256

# What is extracted can be longer than its file; a parser process has time for so much.
LIMIT_CHARACTERS = 30_000_000

# Their first heading is that of one sheet or message among others.
NAMED_BY_FILE = {"sheet", "mbox"}


def read(place: Place, file: str, limit_bytes: int) -> Document:
    """The document in a file. Safe from any thread.

    file: its name in the collection, with "/" between parts.
    Raises UnreadableDocument with the reason in one clause.
    """
    try:
        with opened(place) as stream:
            data = contents(stream, limit_bytes)
    except FileNotFoundError as exc:
        raise UnreadableDocument("it vanished before it was read") from exc
    except PermissionError as exc:
        raise UnreadableDocument("permission denied") from exc
    except OSError as exc:
        reason = (exc.strerror or "unknown cause").lower()
        raise UnreadableDocument(f"it could not be read: {reason}") from exc
    return document(data, file)


def contents(stream: BinaryIO, limit_bytes: int) -> bytes:
    """Raises OSError, and UnreadableDocument if there are more bytes."""
    data = stream.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise UnreadableDocument(f"larger than {limit_bytes} bytes")
    return data


def document(data: bytes, file: str) -> Document:
    """The document that a file of that name with these bytes is. Raises UnreadableDocument."""
    kind = languages.kind(file)
    if kind is None:
        raise UnreadableDocument(f"binary, as {PurePosixPath(file).suffix.lower()} files are")
    if kind in READERS:
        return _extracted(file, kind, READERS[kind](data))
    kind = languages.kind(file, data[:HEAD_BYTES]) or kind
    found = text.decoded(data)
    return Document(
        file=file,
        kind=kind,
        title=titles.title(file, kind, found.text),
        text=found.text,
        encoding=found.encoding,
        bom_bytes=found.bom_bytes,
    )


def _extracted(file: str, kind: str, found: Extracted) -> Document:
    if len(found.text) > LIMIT_CHARACTERS:
        raise UnreadableDocument(f"its text is longer than {LIMIT_CHARACTERS} characters")
    has_headings = kind in languages.READ_AS_MARKDOWN - NAMED_BY_FILE
    shape = "markdown" if has_headings else kind
    return Document(
        file=file,
        kind=kind,
        title=found.title[: titles.TITLE_CHARACTERS] or titles.title(file, shape, found.text),
        text=found.text,
        exact=False,
        pages=found.pages,
        missing=found.missing or ("" if found.text.strip() else "it holds no text"),
    )


def _page(data: bytes) -> Extracted:
    return webpage.page(text.decoded(data).text)


# Kind → what reads it, where the text is not the file itself.
READERS: Mapping[str, Callable[[bytes], Extracted]] = {
    "pdf": pdf.pages,
    "html": _page,
    "docx": word.extracted,
    "pptx": slides.extracted,
    "sheet": sheet.extracted,
    "odt": opendocument.text,
    "odp": opendocument.presentation,
    "epub": book.extracted,
    "mail": mail.extracted,
    "mbox": mail.folder,
    "rtf": richtext.extracted,
    "notebook": notebook.extracted,
}
