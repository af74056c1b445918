"""Memory that was freed, given back to the system."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """What this process does not use. The C library keeps what was freed in small pieces: after
    an index was made compact that is half of all the memory. Takes some 20 ms."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # not every C library for Linux has it
            ctypes.CDLL(None).malloc_trim(0)
