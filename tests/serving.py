"""Servers of the tests, each in a process of its own, so that its threads are nobody's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
STOP_LIMIT_S = 20.0


@contextmanager
def served(module: str, *arguments: str) -> Iterator[str]:
    """The address that a module prints when it serves, which it does until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(STOP_LIMIT_S)
