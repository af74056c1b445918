"""Guards on every test: no leaked thread, no outgoing connection, no changed environment."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def environment_is_unchanged() -> Iterator[None]:
    before = dict(os.environ)
    yield
    after = dict(os.environ)
    for environment in (before, after):
        environment.pop("PYTEST_CURRENT_TEST", None)
    assert after == before


@pytest.fixture(autouse=True)
def no_thread_is_leaked() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while leaked := [t for t in threading.enumerate() if t not in before and not _is_pooled(t)]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads outlive the test: {leaked}")
        leaked[0].join(0.05)


def _is_pooled(thread: threading.Thread) -> bool:
    # anyio keeps idle worker threads until its event loop ends.
    return not thread.is_alive() or thread.name.startswith("AnyIO worker")


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            LOOPBACK
        ):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
