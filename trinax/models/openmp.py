"""How llama.cpp's threads wait for each other."""

import ctypes
import sys


def wait_asleep() -> None:
    """Let OpenMP's threads sleep at a barrier instead of spinning; a choice of the user's stays.

    By default they spin, which is right on a machine of one's own. Here ingest works beside them,
    and a spinning thread keeps the core from the one it waits for: two threads on two busy cores
    wrote 7 tokens/s spinning and 32 asleep (85 M parameters, f16). OpenMP reads this when it is
    loaded, so it must come before the first import of llama_cpp.
    """
    if sys.platform == "linux":  # elsewhere llama.cpp has threads of its own
        ctypes.CDLL(None).setenv(b"OMP_WAIT_POLICY", b"passive", 0)
