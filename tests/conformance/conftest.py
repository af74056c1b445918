from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import served

CLIENT_LIMIT_S = 60.0


@contextmanager
def conforming(folder: Path, client_limit_s: float) -> Iterator[str]:
    """The address of tests.conformance.server."""
    with served("tests.conformance.server", str(folder), str(client_limit_s)) as url:
        yield url


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with conforming(tmp_path_factory.mktemp("server"), CLIENT_LIMIT_S) as url:
        yield url
