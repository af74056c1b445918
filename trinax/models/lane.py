"""Requests that wait for one model."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trinax.errors import TrinaxError
from trinax.models.ports import Finish, Piece, Sampling

Event = Piece | Finish | TrinaxError


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


@dataclass(eq=False, slots=True)
class Job:
    """One request, tokenised.

    stop: ends a choice: the request's own and the template's.
    lead: dropped where a choice begins with it.
    limit_tokens: written at most, so that prompt and answer fit the context.
    emit: takes each event, on the owner thread; an error is the last one.
    cancelled: nobody reads the events. finished: the last event is being emitted.
    """

    prompt: Sequence[int]
    sampling: Sampling
    stop: tuple[str, ...]
    lead: str
    limit_tokens: int
    emit: Callable[[Event], None]
    cancelled: bool = field(default=False, init=False)
    finished: bool = field(default=False, init=False)


class Lane:
    """First come, first served, up to a capacity. Thread-safe; one thread takes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._taken: Job | None = None
        self._closed = False

    def put(self, job: Job) -> bool:
        """False if there is no room; one job is always taken in while none is at work."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._capacity + (not self._at_work()):
                return False
            self._waiting.append(job)
            self._changed.notify()
            return True

    def take(self) -> Job | None:
        """The next job, waiting for one; None once the lane is closed."""
        with self._changed:
            self._taken = None
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._taken = self._waiting.popleft()
            return self._taken

    def withdraw(self, job: Job) -> bool:
        """Take a job back; False if it no longer waits."""
        with self._changed:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True

    def close(self) -> list[Job]:
        """Refuse jobs from now on; returns those that waited."""
        with self._changed:
            self._closed = True
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return left

    @property
    def waiting(self) -> int:
        with self._changed:
            return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is at work."""
        with self._changed:
            return not self._waiting and not self._at_work()

    def _at_work(self) -> bool:
        return self._taken is not None and not self._taken.finished
