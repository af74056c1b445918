"""Documents that tests make."""

from trinax.documents.chunking import Limits, chunks
from trinax.documents.records import Chunk, Document


def document(text: str, file: str = "notes.txt", kind: str = "text") -> Document:
    return Document(file=file, kind=kind, title=file.rpartition(".")[0], text=text)


def chunked(
    text: str, file: str = "notes.txt", kind: str = "text", limit: int = 256
) -> list[Chunk]:
    return chunks(document(text, file, kind), "test", Limits(limit))


def words(count: int) -> str:
    """So many words of one token each, without a place to cut but between them."""
    return " ".join(["the", *("and" for _ in range(count - 1))])
