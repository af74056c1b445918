"""A file on disk → a document, whatever its format."""

from pathlib import PurePosixPath
from typing import BinaryIO

from trinax.documents import languages, titles
from trinax.documents.opening import Place, opened
from trinax.documents.readers import pdf, text, webpage
from trinax.documents.records import Document
from trinax.errors import UnreadableDocument

HEAD_BYTES = 256


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
    if kind == "pdf":
        return _pdf(file, data)
    if kind == "html":
        return _html(file, data)
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


def _pdf(file: str, data: bytes) -> Document:
    found = pdf.pages(data)
    title = found.title or titles.title(file, "pdf", found.text)
    return Document(file, "pdf", title, found.text, exact=False, pages=found.offsets)


def _html(file: str, data: bytes) -> Document:
    page = webpage.page(text.decoded(data).text)
    title = page.title or titles.title(file, "markdown", page.text)
    return Document(file, "html", title, page.text, exact=False)
