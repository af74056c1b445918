"""Passages made by hand."""

from uuid import UUID

from trinax.documents.records import Chunk
from trinax.index.records import Passage


def passage(text: str, file: str = "guide.md", context: str = "", language: str = "en") -> Passage:
    chunk = Chunk(
        id=str(UUID(int=abs(hash((file, text))) % 2**64)),
        text=text,
        context=context,
        start_byte=0,
        end_byte=len(text.encode()),
        start_line=1,
        end_line=text.count("\n") + 1,
        page=None,
        tokens=len(text.split()),
    )
    return Passage("demo", file, 0, chunk, "markdown", language, len(text), 0.0)
