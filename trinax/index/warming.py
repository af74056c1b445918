"""A shard's files read in one go before the engine opens them.

It drops them from the system's cache when it closes them, and asks for them page by page, holding
the GIL: that takes ten times as long (docs/decisions/0032-a-million-chunks.md).
"""

import os
from collections.abc import Iterator
from pathlib import Path

PART_BYTES = 1 << 20
# Texts that are more than such a share of the machine's memory stay on the disk.
MOST_MEMORY = 1 / 8
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


def ahead(folder: Path) -> None:
    """Tell the system to read the texts soon, without waiting for it. A search that comes upon
    thirty of them on the disk takes a millisecond or more longer. Raises OSError."""
    if not hasattr(os, "posix_fadvise"):
        return
    sizes = {file: file.stat().st_size for file in (folder / "segments").glob(f"*/{TEXTS}/*.dat")}
    if sum(sizes.values()) > MOST_MEMORY * _memory_bytes():
        return
    for file, size in sizes.items():
        with file.open("rb", buffering=0) as content:
            # In parts: of one that is longer than a disk takes at once Linux reads the beginning.
            for start in range(0, size, PART_BYTES):
                os.posix_fadvise(content.fileno(), start, PART_BYTES, os.POSIX_FADV_WILLNEED)


def needed(folder: Path) -> Iterator[Path]:
    """Files of the shard in a folder that are looked at before and during a search."""
    for segment in (folder / "segments").glob("*"):
        left_out = {TEXTS, VECTORS} if (segment / INDEX).exists() else {TEXTS}
        for file in segment.rglob("*"):
            if file.is_file() and left_out.isdisjoint(file.relative_to(segment).parts):
                yield file


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
