"""Who works on a collection: one reconcile of each at a time, several collections at once."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread

from trinax.ingest.records import Outcome

# Reconciles that run at once; those with much to read take turns (see Reconciler).
MOST_RECONCILES = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """asked: someone wants it now, whatever the hour. halt: once set, the turn is to end."""

    collection: str
    asked: bool
    halt: threading.Event


class Turns:
    """Turns of collections; for one event loop."""

    def __init__(self, run: Callable[[Turn], Outcome]) -> None:
        """run: a turn, in a thread."""
        self._run = run
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, asyncio.Task[Outcome]] = {}
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._running: dict[str, Turn] = {}
        self._asked: set[str] = set()
        self._held: Counter[str] = Counter()
        self._limiter = CapacityLimiter(MOST_RECONCILES)
        self._closed = False

    @property
    def tasks(self) -> Collection[asyncio.Task[Outcome]]:
        return self._tasks

    def begin(self, collection: str, asked: bool = False) -> asyncio.Task[Outcome]:
        """A turn that begins after this moment: one that waits already, else a new one."""
        if asked:
            self._asked.add(collection)
        task = self._waiting.get(collection)
        if task is None:
            task = asyncio.create_task(self._taken(collection), name=collection)
            self._waiting[collection] = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    def is_waiting(self, collection: str) -> bool:
        return collection in self._waiting

    def is_running(self, collection: str) -> bool:
        return collection in self._running

    def is_busy(self, collection: str) -> bool:
        return any(task.get_name() == collection for task in self._tasks)

    def is_asked(self, collection: str) -> bool:
        """Whether a turn that someone asked for runs or waits."""
        turn = self._running.get(collection)
        return collection in self._asked or (turn is not None and turn.asked)

    def halt(self, collection: str) -> None:
        """End the turn that runs."""
        if turn := self._running.get(collection):
            turn.halt.set()

    def halt_unasked(self) -> None:
        for turn in self._running.values():
            if not turn.asked:
                turn.halt.set()

    @asynccontextmanager
    async def alone(self, collection: str) -> AsyncIterator[None]:
        """No turn of the collection runs meanwhile: one that does is halted, those that wait are
        passed over."""
        self._held[collection] += 1
        try:
            self.halt(collection)
            async with self._lock(collection):
                yield
        finally:
            self._held[collection] -= 1

    async def close(self) -> None:
        """Return once every turn has ended."""
        self._closed = True
        for turn in self._running.values():
            turn.halt.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _lock(self, collection: str) -> asyncio.Lock:
        return self._locks.setdefault(collection, asyncio.Lock())

    async def _taken(self, collection: str) -> Outcome:
        async with self._lock(collection):
            del self._waiting[collection]
            asked = collection in self._asked
            self._asked.discard(collection)
            if self._held[collection] or self._closed:
                return Outcome()
            turn = self._running[collection] = Turn(collection, asked, threading.Event())
            try:
                return await to_thread.run_sync(self._run, turn, limiter=self._limiter)
            finally:
                del self._running[collection]
