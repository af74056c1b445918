"""Servers in processes of their own, spoken to over HTTP."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PORT = "{port}"  # in a command, where the port belongs
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
POLL_S = 0.02
LOG_TAIL = 2000  # characters of a server's output that are shown when it fails


@dataclass(frozen=True, slots=True)
class Server:
    """ready_s: from the start of the process to its first yes."""

    port: int
    pid: int
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


@dataclass(frozen=True, slots=True)
class Launch:
    """command: with PORT in it. ready: the path that answers 200 once the server is.
    folder: where it works and leaves its output as server.log."""

    command: Sequence[str]
    ready: str
    folder: Path


class ServerFailed(Exception):
    """The server answered something else than was asked, or ended."""


@contextmanager
def served(data_dir: Path, collections_dir: Path) -> Iterator[Server]:
    """trinax on a free port, ready; terminated and waited for at the end."""
    command = trinax("--data-dir", str(data_dir), "--collections-dir", str(collections_dir))
    with launched(Launch(command, "/ready", collections_dir.parent)) as server:
        yield server


def trinax(*options: str) -> list[str]:
    """The command of a trinax server."""
    command = [sys.executable, "-m", "trinax", "serve", "--host", HOST, "--port", PORT]
    return [*command, *options]


@contextmanager
def launched(launch: Launch) -> Iterator[Server]:
    """A server on a free port, ready; ended and waited for when it is left.

    Raises ServerFailed with the end of its output, TimeoutError.
    """
    port = _free_port()
    command = [part.replace(PORT, str(port)) for part in launch.command]
    log = launch.folder / "server.log"
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=launch.folder, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: _is_ready(process, port, launch), START_LIMIT_S, f"{command[0]} is ready")
        ready_s = time.perf_counter() - start
        with closing(http.client.HTTPConnection(HOST, port, timeout=START_LIMIT_S)) as connection:
            yield Server(port, process.pid, ready_s, connection)
    finally:
        _end(process)


def until(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Wait for a condition. Raises TimeoutError that says what did not come."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {limit_s:.0f} s")
        time.sleep(POLL_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_ready(process: subprocess.Popen[bytes], port: int, launch: Launch) -> bool:
    if process.poll() is not None:
        said = (launch.folder / "server.log").read_text("utf-8", "replace")[-LOG_TAIL:]
        raise ServerFailed(
            f"{launch.command[0]} ended with exit code {process.returncode}:\n{said}"
        )
    with closing(http.client.HTTPConnection(HOST, port, timeout=START_LIMIT_S)) as connection:
        try:
            connection.request("GET", launch.ready)
            with connection.getresponse() as response:
                return response.status == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
