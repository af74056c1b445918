"""Events on their way from the model's thread to who reads them."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

from trinax.models.generation.job import Event, Job, Mailbox, Wrote

# Text of running answers is handed over this often at most, for each answer that runs: showing it
# takes a core from llama.cpp, whose threads all wait for the last. Nobody reads that fast.
INTERVAL_S = 0.016
LONGEST_INTERVAL_S = 0.048

Post = Mapping[Job, list[Event]]


class Outbox:
    """Collects events and hands over those of all jobs together. Not thread-safe.

    The first text of a choice and its end are never kept waiting.
    """

    def __init__(self) -> None:
        self._post: defaultdict[Job, list[Event]] = defaultdict(list)
        self._sent_at = 0.0
        self._urgent = False

    def put(self, post: Post) -> None:
        for job, events in post.items():
            self._post[job] += events
            self._urgent |= any(not isinstance(event, Wrote) or event.first for event in events)

    def send_due(self) -> None:
        """Hand over what is here, unless something was a moment ago and nothing is urgent."""
        interval_s = min(len(self._post) * INTERVAL_S, LONGEST_INTERVAL_S)
        if self._urgent or time.perf_counter() - self._sent_at >= interval_s:
            self.send()

    def send(self) -> None:
        """Hand over what is here, with one call for each event loop. A job whose loop has ended is
        cancelled."""
        if not self._post:
            return
        self._sent_at, self._urgent = time.perf_counter(), False
        by_loop: defaultdict[asyncio.AbstractEventLoop, list[Job]] = defaultdict(list)
        for job in self._post:
            by_loop[job.mailbox.loop].append(job)
        for loop, jobs in by_loop.items():
            letters = [(job.mailbox, self._post[job]) for job in jobs]
            try:
                loop.call_soon_threadsafe(_open, letters)
            except RuntimeError:
                for job in jobs:
                    job.cancelled = True
        self._post = defaultdict(list)


def _open(letters: Iterable[tuple[Mailbox, Iterable[Event]]]) -> None:
    for mailbox, events in letters:
        mailbox.put(events)
