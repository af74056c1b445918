"""Passages as retrieval would hand them over."""

from trinax.documents.records import Chunk
from trinax.index.records import Passage


def passage(text: str, kind: str = "text", language: str = "en", context: str = "") -> Passage:
    chunk = Chunk("id", text, context, 0, len(text.encode()), 1, 1, None, 0)
    return Passage("notes", "file", 0, chunk, kind, language, len(text), 0.0)
