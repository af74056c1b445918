import subprocess
import sys

import pytest

PROGRAM = """
import ctypes
from trinax.models.openmp import wait_asleep
wait_asleep()
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print(getenv(b"OMP_WAIT_POLICY").decode())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there llama.cpp uses OpenMP")


@pytest.mark.parametrize(
    ("environment", "policy"), [({}, "passive"), ({"OMP_WAIT_POLICY": "active"}, "active")]
)
def test_threads_sleep_unless_the_user_wants_otherwise(
    environment: dict[str, str], policy: str
) -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == policy
