"""Parsing in several processes: faster, and a file that kills its parser fails alone."""

import queue
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from trinax.ingest.answers import receive_parsed
from trinax.ingest.parser import BROKEN, Parser
from trinax.ingest.parsing import Job, Parsed

# The longest that one file may take; a 20 MB text takes some 15 s.
LIMIT_S = 120.0
# Parsed files that wait for the index: more would only take memory.
WAITING = 32
POLL_S = 0.2


class Farm:
    """Parser processes, one thread each that feeds it; a context manager."""

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

    def parsed(self, jobs: Iterable[Job]) -> Iterator[Parsed | None]:
        """Every job's result, in the order in which they are done, and None whenever POLL_S have
        passed without one; to be called once."""
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
                    feeder.parser.kill_after(self._limit_s)
                yield None
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
        self.parser = Parser()
        self._source = source
        self._answers = answers
        self._stopping = False

    def _run(self) -> None:
        try:
            while not self._stopping and (job := self._source.take()) is not None:
                self._answers.put(self._answer(job))
        finally:
            self.parser.end()
            self._answers.put(None)

    def stop(self) -> None:
        self._stopping = True
        self.parser.stop()

    def _answer(self, job: Job) -> Parsed:
        try:
            if not self.parser.is_running:
                self.parser.start()
        except (EOFError, OSError):
            self.parser.end()
            return Parsed(job.found, "unread", reason="no parser process could be started")
        try:
            return receive_parsed(job, self.parser.ask(job))
        except BROKEN:
            reason = "took too long to parse" if self.parser.overdue else "its parser broke down"
            self.parser.end()
            return Parsed(job.found, "unreadable", reason=reason)
        finally:
            self.parser.rest()
