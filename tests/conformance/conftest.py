import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.clients import ROOT

STOP_LIMIT_S = 20.0
CLIENT_LIMIT_S = 60.0


@contextmanager
def served(folder: Path, client_limit_s: float) -> Iterator[str]:
    """The address of the application in a process of its own, so that its threads are nobody's."""
    module = "tests.conformance.server"
    command = [sys.executable, "-m", module, str(folder), str(client_limit_s)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(STOP_LIMIT_S)


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("server"), CLIENT_LIMIT_S) as url:
        yield url
