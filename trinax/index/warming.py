"""A shard's files read in one go before the engine opens them.

It drops them from the system's cache when it closes them, and asks for them page by page, holding
the GIL: that takes ten times as long (docs/decisions/0032-a-million-chunks.md).
"""

from collections.abc import Iterator
from pathlib import Path

PART_BYTES = 1 << 20
TEXTS = "payload_storage"
# A compact segment searches words in the first and holds the second for whoever asks for vectors.
INDEX, VECTORS = "vector_index-terms/inverted_index.dat", "vector_storage-terms"


def read(folder: Path) -> None:
    """What searches need, all but the texts. Raises OSError."""
    buffer = bytearray(PART_BYTES)
    for file in needed(folder):
        with file.open("rb", buffering=0) as content:
            while content.readinto(buffer):
                pass


def needed(folder: Path) -> Iterator[Path]:
    """Files of the shard in a folder that are looked at before and during a search."""
    for segment in (folder / "segments").glob("*"):
        left_out = {TEXTS, VECTORS} if (segment / INDEX).exists() else {TEXTS}
        for file in segment.rglob("*"):
            if file.is_file() and left_out.isdisjoint(file.relative_to(segment).parts):
                yield file
