"""Memory that is no longer used, given back to the system."""

import ctypes
import mmap
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MAPS = Path("/proc/self/maps")


def give_back() -> None:
    """What this process does not use. The C library keeps what was freed in small pieces: after
    an index was made compact that is half of all the memory. Takes some 20 ms."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # not every C library for Linux has it
            ctypes.CDLL(None).malloc_trim(0)


def let_go(folder: Path) -> None:
    """The pages of files that are mapped and will not be looked at again. An engine that closes
    them does the same, but with the GIL held. Nothing that was written is lost. Raises OSError."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    for start, size in _mapped(folder):
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), mmap.MADV_DONTNEED)
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                os.fsync(file.fileno())  # what is not on the disk would be kept
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _mapped(folder: Path) -> Iterator[tuple[int, int]]:
    """Where files below it stand in this process: addresses and bytes."""
    below = f"{folder.resolve()}{os.sep}"
    for line in MAPS.read_text("utf-8", "surrogateescape").splitlines():
        place, permissions, _, _, inode, *name = line.split(maxsplit=5)
        # Shared with the file, so that nothing is kept here alone.
        if inode != "0" and permissions.endswith("s") and name[0].startswith(below):
            start, end = (int(one, 16) for one in place.split("-"))
            yield start, end - start
