"""A file on disk → a document, whatever its format."""

import stat
from pathlib import Path

from trinax.documents import languages, titles
from trinax.documents.readers import pdf, text, webpage
from trinax.documents.records import Document
from trinax.errors import UnreadableDocument

HEAD_BYTES = 256


def read(path: Path, file: str, limit_bytes: int) -> Document:
    """The document in a file. Safe from any thread.

    path: where it lies. file: its name in the collection, with "/" between parts.
    Raises UnreadableDocument with the reason in one clause.
    """
    kind = languages.kind(file)
    if kind is None:
        raise UnreadableDocument(f"binary, as {Path(file).suffix.lower()} files are")
    data = _bytes(path, limit_bytes)
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


def _bytes(path: Path, limit_bytes: int) -> bytes:
    try:
        # Opening a pipe or a device would wait for someone to write.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableDocument("not a regular file")
        with path.open("rb") as stream:
            data = stream.read(limit_bytes + 1)
    except FileNotFoundError as exc:
        raise UnreadableDocument("it vanished before it was read") from exc
    except PermissionError as exc:
        raise UnreadableDocument("permission denied") from exc
    except OSError as exc:
        reason = (exc.strerror or "unknown cause").lower()
        raise UnreadableDocument(f"it could not be read: {reason}") from exc
    if len(data) > limit_bytes:
        raise UnreadableDocument(f"larger than {limit_bytes} bytes")
    return data


def _pdf(file: str, data: bytes) -> Document:
    found = pdf.pages(data)
    title = found.title or titles.title(file, "pdf", found.text)
    return Document(file, "pdf", title, found.text, exact=False, pages=found.offsets)


def _html(file: str, data: bytes) -> Document:
    page = webpage.page(text.decoded(data).text)
    title = page.title or titles.title(file, "markdown", page.text)
    return Document(file, "html", title, page.text, exact=False)
