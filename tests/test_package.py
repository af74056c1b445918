import subprocess
import sys

import pytest

PRINT = "import trinax, os; print(os.environ['OPENBLAS_NUM_THREADS'])"


@pytest.mark.parametrize(("given", "taken"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_numpy_multiplies_on_one_thread_unless_told_otherwise(
    given: dict[str, str], taken: str
) -> None:
    done = subprocess.run([sys.executable, "-c", PRINT], env=given, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (taken, "")
