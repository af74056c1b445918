import ctypes
import os

import pytest

from trinax.evaluation.processes import usage
from trinax.index.memory import give_back

BLOCKS, BLOCK_BYTES = 100_000, 1000


def _own_bytes() -> int:
    used = usage(os.getpid())
    assert used is not None
    return used.memory_bytes - used.mapped_bytes


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
