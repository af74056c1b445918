"""A reader at a terminal: one shell in a folder, and one server that it starts."""

import os
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.docs.pages import ROOT

LIMIT_S = 60.0
PRINTED = "127.0.0.1:3333"
SERVE = re.compile(r"(?:\w+=\S+ )*trinax serve\b")
LOG = ".serve.log"


@dataclass(frozen=True, slots=True)
class Outcome:
    output: str
    code: int


class Shell:
    """Bash in a home folder. What pages call 127.0.0.1:3333 is a free port of this machine."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self._home = home
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=home,
            env=_environment(home, self._port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._serves = False

    def __enter__(self) -> "Shell":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What a page left running is in the session of its shell.
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()

    def type(self, command: str) -> Outcome:
        """Runs it to its end. `trinax serve` goes on behind, in place of an earlier one."""
        if command.startswith("make "):
            # The gate runs make itself; here it says what it would do.
            return self._run(f"make -C {ROOT} --dry-run {command.removeprefix('make ')}")
        if not SERVE.match(command):
            return self._run(command)
        self.stop()
        return self.serve(command)

    def serve(self, command: str = "trinax serve") -> Outcome:
        """Starts a server and waits until it answers."""
        started = self._run(f"{command} >{LOG} 2>&1 & server=$!")
        self._serves = True
        deadline = time.monotonic() + LIMIT_S
        while not (self._answers() and self._said()):
            assert time.monotonic() < deadline, self._said()
            time.sleep(0.05)
        return Outcome(self._as_printed(self._said()), started.code)

    def stop(self) -> None:
        if self._serves:
            self._run("kill $server && wait $server")
            self._serves = False

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self._port}/ready", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _said(self) -> str:
        return (self._home / LOG).read_text("utf-8")

    def _run(self, command: str) -> Outcome:
        end = secrets.token_hex(8)
        command = command.replace(PRINTED, f"127.0.0.1:{self._port}")
        assert self._bash.stdin
        self._bash.stdin.write(
            f"{{\n{command}\n}} </dev/null 2>&1\nprintf '\\n%s %d\\n' {end} $?\n".encode()
        )
        self._bash.stdin.flush()
        output, _, code = self._read_until(end).rpartition(f"\n{end} ")
        return Outcome(self._as_printed(output), int(code))

    def _read_until(self, end: str) -> str:
        assert self._bash.stdout
        deadline, read = time.monotonic() + LIMIT_S, b""
        while not re.search(rf"\n{end} \d+\n$".encode(), read):
            left_s = deadline - time.monotonic()
            ready, _, _ = select.select([self._bash.stdout], [], [], max(0.0, left_s))
            more = os.read(self._bash.stdout.fileno(), 65_536) if ready else b""
            assert more, f"no end after {read.decode('utf-8', 'replace')!r}"
            read += more
        return read.decode()

    def _as_printed(self, text: str) -> str:
        return text.replace(f"127.0.0.1:{self._port}", PRINTED)


def _environment(home: Path, port: int) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"  # the port of "discard": nothing leaves the machine
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
        "TRINAX_PORT": str(port),
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "127.0.0.1,localhost",
    }
