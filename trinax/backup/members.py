"""Parts of a backup as they stand in a tar file, holes left out.

A file with holes is a sparse member of version 1.0, as the manual of GNU tar describes it in the
appendix on sparse formats: before its data stands a list of where they belong.
"""

import os
import tarfile
from collections.abc import Generator, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from trinax.backup.records import Part
from trinax.index.sparse import PART_BYTES, extents

DIGEST_BYTES = 32
Extents = Sequence[tuple[int, int]]


def inline(name: str, content: bytes, mtime_ns: int = 0, mode: int = 0o600) -> tuple[bytes, Part]:
    """A part that is in memory."""
    info = _info(name, len(content), mtime_ns)
    info.mode = mode
    digest = blake2b(content, digest_size=DIGEST_BYTES).hexdigest()
    return _packed(info) + content + _padding(len(content)), Part(name, len(content), digest)


def folder(name: str) -> bytes:
    """One with nothing in it."""
    info = _info(name, 0, 0)
    info.type, info.mode = tarfile.DIRTYPE, 0o700
    return _packed(info)


def file(name: str, path: Path) -> Generator[bytes, None, Part]:
    """A part that is on disk; returns what is said of it. Raises OSError."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        found = extents(stream)
        is_whole = found == ([(0, size)] if size else [])
        places = b"" if is_whole else map_of(found, size)
        digest = blake2b(places, digest_size=DIGEST_BYTES)
        stored = len(places) + sum(length for _, length in found)
        info = _info(name, stored, 0)
        if not is_whole:
            info.name = f"GNUSparseFile.0/{name.rpartition('/')[2]}"
            info.pax_headers = {
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": name,
                "GNU.sparse.realsize": str(size),
            }
        yield _packed(info) + places
        for block in _blocks(stream, found):
            digest.update(block)
            yield block
        yield _padding(stored)
    return Part(name, size, digest.hexdigest())


def map_of(places: Extents, size: int) -> bytes:
    """Where the data of a file with holes belong, as it stands before them."""
    # The last place ends where the file does.
    last = [] if places and sum(places[-1]) == size else [(size, 0)]
    numbers = [len(places) + len(last), *(number for one in (*places, *last) for number in one)]
    text = "".join(f"{number}\n" for number in numbers).encode()
    return text + _padding(len(text))


def _blocks(stream: BinaryIO, places: Extents) -> Iterable[bytes]:
    for start, length in places:
        stream.seek(start)
        left = length
        while left:
            block = stream.read(min(left, PART_BYTES))
            if not block:
                raise OSError(f"{Path(stream.name).name} became shorter while it was read")
            left -= len(block)
            yield block


def _info(name: str, size: int, mtime_ns: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    # As text: a float has no room for nanoseconds.
    info.pax_headers = {"mtime": f"{mtime_ns // 10**9}.{mtime_ns % 10**9:09}"} if mtime_ns else {}
    return info


def _packed(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)
