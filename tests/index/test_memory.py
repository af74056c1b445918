import ctypes
import os
import sys
from mmap import PAGESIZE, mmap
from pathlib import Path

import pytest

from trinax.evaluation.processes import Usage, usage
from trinax.index.memory import _mapped, give_back, let_go

BLOCKS, BLOCK_BYTES = 100_000, 1000


def _used() -> Usage:
    used = usage(os.getpid())
    assert used is not None
    return used


def _own_bytes() -> int:
    used = _used()
    return used.memory_bytes - used.mapped_bytes


def _mapped_bytes() -> int:
    return _used().mapped_bytes


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library gives nothing back"
)
def test_what_was_freed_in_small_pieces_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    blocks = [libc.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    for block in blocks[:-1]:  # the last one keeps the heap from shrinking
        libc.free(ctypes.c_void_p(block))
    kept_bytes = _own_bytes()
    give_back()
    assert kept_bytes - _own_bytes() > BLOCKS * BLOCK_BYTES / 2
    libc.free(ctypes.c_void_p(blocks[-1]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is mapped")
def test_pages_of_mapped_files_are_let_go_and_keep_what_was_written(tmp_path: Path) -> None:
    kept, other = tmp_path / "shard" / "a b.dat", tmp_path / "shard-2.dat"
    kept.parent.mkdir()
    content = b"x" * PAGESIZE * 2000
    for file in (kept, other):
        file.write_bytes(bytes(len(content)))
    with (
        kept.open("r+b") as one,
        other.open("r+b") as two,
        mmap(one.fileno(), 0) as mapped,
        mmap(two.fileno(), 0) as untouched,
    ):
        mapped[:] = untouched[:] = content
        assert [size for _, size in _mapped(kept.parent)] == [len(content)]
        before_bytes = _mapped_bytes()
        let_go(kept.parent)
        freed_bytes = before_bytes - _mapped_bytes()
        assert 0.9 < freed_bytes / len(content) < 1.1
        assert mapped[:] == untouched[:]
    assert kept.read_bytes() == content
