import subprocess
import sys

import pytest

PROGRAM = """
import ctypes
from trinax.llama.openmp import wait_briefly
wait_briefly()
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print(getenv(b"GOMP_SPINCOUNT"))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there llama.cpp uses OpenMP")


@pytest.mark.parametrize(
    ("environment", "turns"),
    [
        ({}, "b'300'"),
        ({"GOMP_SPINCOUNT": "5"}, "b'5'"),
        ({"OMP_WAIT_POLICY": "active"}, "None"),
    ],
)
def test_threads_spin_for_a_moment_unless_the_user_wants_otherwise(
    environment: dict[str, str], turns: str
) -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == turns
