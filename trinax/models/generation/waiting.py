"""Requests that wait for a model, in a fair order."""

import threading
from collections import OrderedDict, deque

from trinax.models.generation.job import Job
from trinax.models.ports import Lane

# In the order they are served: a lane comes when those before it are empty.
LANES: tuple[Lane, ...] = ("interactive", "task", "background")
Order = OrderedDict[str, deque[Job]]


def rank(job: Job) -> int:
    """0 is served first."""
    return LANES.index(job.turn.lane)


class WaitingRoom:
    """Bounded. Within a lane the keys take turns, and requests of one key come in their order.
    Thread-safe."""

    def __init__(self, capacity: int) -> None:
        """capacity: requests that wait beside those that could begin at once."""
        self._capacity = capacity
        self._lanes: tuple[Order, ...] = tuple(OrderedDict() for _ in LANES)
        self._lock = threading.Lock()

    def put(self, job: Job, beginning: int) -> bool:
        """False if there is no room; beginning: how many of those here can begin at once."""
        with self._lock:
            if self._count() >= self._capacity + beginning:
                return False
            self._lanes[rank(job)].setdefault(job.turn.key, deque()).append(job)
            return True

    def take(self, before: int = len(LANES)) -> Job | None:
        """The next job of a rank less than `before`, if there is one; its key is then the last to
        have another turn."""
        if not any(self._lanes):  # asked before every token, and mostly so
            return None
        with self._lock:
            order = next((order for order in self._lanes[:before] if order), None)
            if order is None:
                return None
            key, jobs = next(iter(order.items()))
            job = jobs.popleft()
            del order[key]
            if jobs:
                order[key] = jobs
            return job

    @property
    def rank(self) -> int:
        """Of the most urgent job; that of none is the last."""
        return next((rank for rank, order in enumerate(self._lanes) if order), len(LANES))

    def places(self) -> dict[str, int]:
        """Where the first job of each key stands in the order of service, from 1."""
        with self._lock:
            places: dict[str, int] = {}
            before = 0
            for order in self._lanes:
                for place, key in enumerate(order, before + 1):
                    places.setdefault(key, place)
                before += sum(map(len, order.values()))
            return places

    def withdraw(self, job: Job) -> bool:
        """Take a job back; False if it no longer waits."""
        with self._lock:
            order = self._lanes[rank(job)]
            jobs = order.get(job.turn.key, deque())
            if job not in jobs:
                return False
            jobs.remove(job)
            if not jobs:
                del order[job.turn.key]
            return True

    def empty(self) -> list[Job]:
        """Take all."""
        with self._lock:
            left = [job for order in self._lanes for jobs in order.values() for job in jobs]
            for order in self._lanes:
                order.clear()
            return left

    def __len__(self) -> int:
        with self._lock:
            return self._count()

    def _count(self) -> int:
        return sum(len(jobs) for order in self._lanes for jobs in order.values())
