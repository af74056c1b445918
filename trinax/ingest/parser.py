"""A parser process as the server sees it."""

import pickle
import subprocess
import sys
import threading
import time
from typing import IO

from trinax.ingest.answers import BadAnswer
from trinax.ingest.parsing import Content, Job, Reading

# The child imports from where the parent does: "-m" would put the working folder first.
PROGRAM = "import sys; sys.path[:] = {path!r}; from trinax.ingest.worker import main; main()"
# What it says first; libraries print nothing before.
GREETING = b"ready\n"
BROKEN = (EOFError, OSError, BadAnswer)


class Parser:
    """One process that answers one question after another; see trinax.ingest.worker for its
    limits. It knows nothing of the environment, where secrets may be.

    Not multiprocessing: its children import the parent's main module, here the whole server.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._since_s: float | None = None
        self.overdue = False

    def ask(self, question: Job | Reading | Content) -> IO[bytes]:
        """Where the answer is to be read from. Starts the process if there is none.

        Raises EOFError or OSError once the process is dead.
        """
        process = self._process or self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        with self._lock:
            self._since_s, self.overdue = time.monotonic(), False
        pickle.dump(question, process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
        return process.stdout

    def rest(self) -> None:
        """The answer has been read."""
        with self._lock:
            self._since_s = None

    def start(self) -> "subprocess.Popen[bytes]":
        """Raises EOFError or OSError if the process does not come up."""
        with self._lock:
            if self._ended:
                raise EOFError
            process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-c", PROGRAM.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={},
                close_fds=True,
            )
            self._process, self._since_s = process, time.monotonic()
        assert process.stdout is not None
        if process.stdout.read(len(GREETING)) != GREETING:
            raise EOFError
        return process

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def kill_after(self, limit_s: float) -> None:
        """Kill the process if it has been at one question for longer."""
        with self._lock:
            since_s = self._since_s
            if since_s is not None and time.monotonic() - since_s > limit_s:
                self.overdue = True
                if self._process is not None:
                    self._process.kill()

    def stop(self) -> None:
        """Kill the process, from any thread; no other is started. end() is still to be called."""
        with self._lock:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """Clear away the process, dead or not; the next question starts another."""
        with self._lock:
            process, self._process, self._since_s = self._process, None, None
        if process is not None:
            process.kill()
            process.communicate()
