"""Files with holes: an engine reserves room for much more than it has written.

What is a hole is told by what is read, not by the file system: some do not know it of what was
written a moment ago.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PART_BYTES = 1 << 20
# Zeros are left out in such blocks.
BLOCK_BYTES = 1 << 16
ZEROS = bytes(PART_BYTES)


def extents(stream: BinaryIO) -> list[tuple[int, int]]:
    """(offset, length) of all that is no hole, in order. Reads to the end."""
    found: list[tuple[int, int]] = []
    for start, block in _blocks(stream):
        if found and sum(found[-1]) == start:
            found[-1] = (found[-1][0], found[-1][1] + len(block))
        else:
            found.append((start, len(block)))
    return found


def copy(file: Path, to: Path) -> None:
    """The same content, with holes wherever they can be. Raises OSError."""
    with file.open("rb", buffering=0) as source, to.open("wb") as target:
        for start, block in _blocks(source):
            target.seek(start)
            target.write(block)
        target.truncate(source.tell())


def copy_tree(folder: Path, to: Path) -> None:
    """As copy(), of every file below a folder, into one that is not there yet. Raises OSError."""
    to.mkdir(parents=True)
    for entry in folder.iterdir():
        if entry.is_dir():
            copy_tree(entry, to / entry.name)
        else:
            copy(entry, to / entry.name)


def held_bytes(folder: Path) -> int:
    """What the files below a folder take of the disk, without their holes. Raises OSError."""
    if os.name != "posix":  # nobody tells how much is a hole
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return sum(512 * file.stat().st_blocks for file in folder.rglob("*") if file.is_file())


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of what holds anything but zeros."""
    start = 0
    # Large parts: whoever searches meanwhile is interrupted at each.
    while part := stream.read(PART_BYTES):
        if not ZEROS.startswith(part):
            for at, length in _runs(part):
                yield start + at, part[at : at + length]
        start += len(part)


def _runs(part: bytes) -> Iterator[tuple[int, int]]:
    """(offset, length) of blocks with anything but zeros, neighbours together."""
    begun = None
    for at in range(0, len(part), BLOCK_BYTES):
        block = part[at : at + BLOCK_BYTES]
        if not ZEROS.startswith(block):
            begun = at if begun is None else begun
        elif begun is not None:
            yield begun, at - begun
            begun = None
    if begun is not None:
        yield begun, len(part) - begun
