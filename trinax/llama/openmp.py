"""How llama.cpp's threads wait for each other."""

import ctypes
import sys

# Turns of OpenMP's waiting loop, some tens of microseconds: as long as threads that have their
# cores wait for each other, and much less than it takes to get a core that another has.
TURNS = b"300"


def wait_briefly() -> None:
    """Let OpenMP's threads spin at a barrier for a moment and then sleep; a choice of the user's
    stays.

    By default they spin for milliseconds, which is right on a machine of one's own. Here ingest
    works beside them, and a spinning thread keeps the core from the one it waits for; sleeping at
    once costs half the speed when nothing else runs. OpenMP reads this when it is loaded, so it
    must come before the first import of llama_cpp. Source: GCC's libgomp manual; measured in
    docs/decisions/0006-generation.md.
    """
    if sys.platform == "linux":  # elsewhere llama.cpp has threads of its own
        libc = ctypes.CDLL(None)
        if not libc.getenv(b"OMP_WAIT_POLICY"):
            libc.setenv(b"GOMP_SPINCOUNT", TURNS, 0)
