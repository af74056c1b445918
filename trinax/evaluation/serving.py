"""A real `trinax serve` in its own process, spoken to over HTTP."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """ready_s: from the start of the process to the first yes of GET /ready."""

    port: int
    ready_s: float
    connection: http.client.HTTPConnection

    def json(self, method: str, path: str, body: object = None) -> Any:
        """The answer's body. Raises ServerFailed for any status but 200."""
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise ServerFailed(
                f"{method} {path}: {response.status} {text.decode(errors='replace')}"
            )
        return json.loads(text)


class ServerFailed(Exception):
    """The server answered something else than 200, or ended."""


@contextmanager
def served(data_dir: Path, collections_dir: Path) -> Iterator[Server]:
    """A server on a free port, ready; terminated and waited for at the end."""
    port = _free_port()
    start = time.perf_counter()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "trinax", "serve"),
            *("--data-dir", str(data_dir), "--collections-dir", str(collections_dir)),
            *("--host", HOST, "--port", str(port)),
        ],
        cwd=collections_dir.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _is_ready(process, port), START_LIMIT_S, "the server is ready")
        ready_s = time.perf_counter() - start
        with closing(http.client.HTTPConnection(HOST, port, timeout=START_LIMIT_S)) as connection:
            yield Server(port, ready_s, connection)
    finally:
        process.terminate()
        process.wait(STOP_LIMIT_S)


def until(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Wait for a condition. Raises TimeoutError that says what did not come."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {limit_s:.0f} s")
        time.sleep(POLL_S)


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise ServerFailed(f"trinax serve ended with exit code {process.returncode}")
    with closing(http.client.HTTPConnection(HOST, port, timeout=START_LIMIT_S)) as connection:
        try:
            connection.request("GET", "/ready")
            with connection.getresponse() as response:
                return response.status == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
