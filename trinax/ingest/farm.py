"""Parsing in several processes: faster, and a file that kills its parser fails alone."""

import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from trinax.ingest.parsing import GREETING, Job, Parsed

# The longest that one file may take; a 20 MB text takes some 15 s.
LIMIT_S = 120.0
# Parsed files that wait for the index: more would only take memory.
WAITING = 32
POLL_S = 0.2
# The child imports from where the parent does: "-m" would put the working folder first.
PROGRAM = "import sys; sys.path[:] = {path!r}; from trinax.ingest.worker import main; main()"


class Farm:
    """Parser processes, one thread each that feeds it; a context manager.

    Not multiprocessing: its children import the parent's main module, here the whole server.
    """

    def __init__(self, processes: int, stopping: threading.Event, limit_s: float = LIMIT_S) -> None:
        """stopping: once set, no more results come."""
        self._size = processes
        self._stopping = stopping
        self._limit_s = limit_s
        self._feeders: list[_Feeder] = []
        self._answers: queue.Queue[Parsed | None] = queue.Queue(WAITING)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for feeder in self._feeders:
            feeder.stop()
        while any(feeder.thread.is_alive() for feeder in self._feeders):
            try:
                self._answers.get(timeout=0.05)
            except queue.Empty:
                continue

    def parsed(self, jobs: Iterable[Job]) -> Iterator[Parsed]:
        """Every job's result, in the order in which they are done; to be called once."""
        source = _Source(jobs)
        self._feeders = [_Feeder(source, self._answers) for _ in range(self._size)]
        for feeder in self._feeders:
            feeder.thread.start()
        running = self._size
        while running and not self._stopping.is_set():
            try:
                answer = self._answers.get(timeout=POLL_S)
            except queue.Empty:
                for feeder in self._feeders:
                    feeder.kill_after(self._limit_s)
                continue
            if answer is None:
                running -= 1
            else:
                yield answer


class _Source:
    """An iterable that several threads take from."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self._lock = threading.Lock()

    def take(self) -> Job | None:
        with self._lock:
            return next(self._jobs, None)


class _Feeder:
    """A thread and the process that it feeds, which is started again after each death."""

    def __init__(self, source: _Source, answers: "queue.Queue[Parsed | None]") -> None:
        self.thread = threading.Thread(target=self._run, name="parser feeder", daemon=True)
        self._source = source
        self._answers = answers
        self._stopping = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._since_s: float | None = None
        self._overdue = False

    def _run(self) -> None:
        try:
            while not self._stopping and (job := self._source.take()) is not None:
                self._answers.put(self._answer(job))
        finally:
            self._end()
            self._answers.put(None)

    def stop(self) -> None:
        with self._lock:
            self._stopping = True
            if self._process is not None:
                self._process.kill()

    def kill_after(self, limit_s: float) -> None:
        """Kill the process if it has been at one file for longer."""
        with self._lock:
            since_s = self._since_s
            if since_s is not None and time.monotonic() - since_s > limit_s:
                self._overdue = True
                if self._process is not None:
                    self._process.kill()

    def _answer(self, job: Job) -> Parsed:
        try:
            process = self._process or self._start()
        except (EOFError, OSError):
            self._end()
            return Parsed(job.found, "unread", reason="no parser process could be started")
        try:
            return self._exchange(job, process)
        except (EOFError, OSError, pickle.UnpicklingError):
            reason = "took too long to parse" if self._overdue else "its parser broke down"
            self._end()
            return Parsed(job.found, "unreadable", reason=reason)

    def _exchange(self, job: Job, process: "subprocess.Popen[bytes]") -> Parsed:
        """Raises EOFError or OSError once the process is dead."""
        assert process.stdin is not None
        assert process.stdout is not None
        with self._lock:
            self._since_s, self._overdue = time.monotonic(), False
        try:
            pickle.dump(job, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            answer: Parsed = pickle.load(process.stdout)
            return answer
        finally:
            with self._lock:
                self._since_s = None

    def _start(self) -> "subprocess.Popen[bytes]":
        """Raises EOFError or OSError if the process does not come up."""
        with self._lock:
            if self._stopping:
                raise EOFError
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._process, self._since_s = process, time.monotonic()
        assert process.stdout is not None
        if pickle.load(process.stdout) != GREETING:
            raise EOFError
        return process

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
