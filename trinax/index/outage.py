"""Calls to a server that may be away: tried again, and given up in time."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from trinax.errors import StoreFailed

log = logging.getLogger(__name__)

T = TypeVar("T")

# The first pause before another try; each one after it is twice as long, up to the longest.
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
# How often one caller tries a server that is away, while all others fail at once.
TRIED_EVERY_S = 1.0

# Someone waits for a search; indexing rather waits until the server has been started anew.
SEARCH_WAIT_S = 2.0
WRITE_RETRIES, WRITE_WAIT_S = 8, 30.0

Kind = Literal["away", "slow", "busy"]
REASONS: dict[Kind, str] = {
    "away": "the Qdrant server cannot be reached; see index.url, and the log",
    "slow": "the Qdrant server did not answer in time (index.timeout_s)",
    "busy": "the Qdrant server is asked for more than it takes",
}


class Passing(Exception):
    """A failure that may pass. wait_s: how long the server wants to be left alone."""

    def __init__(self, collection: str, kind: Kind, wait_s: float = 0.0) -> None:
        self.failure = StoreFailed(collection, REASONS[kind], max(wait_s, TRIED_EVERY_S))
        self.kind = kind
        self.wait_s = wait_s
        super().__init__(str(self.failure))


@dataclass(frozen=True, slots=True)
class Patience:
    """retries: of a call that failed. wait_s: after so long no further try begins. slow: whether
    what took too long is tried again, and may take as long again."""

    retries: int
    wait_s: float
    slow: bool = False

    def lasts(self, failed: Passing, attempt: int, passed_s: float) -> bool:
        """attempt: from 0. passed_s: since the first."""
        bearable = passed_s + failed.wait_s <= self.wait_s and (self.slow or failed.kind != "slow")
        return bearable and attempt < self.retries


def tried(call: Callable[[], T], patience: Patience) -> T:
    """What the call gives, tried again while it raises Passing.

    Raises Passing, of the last try, and what else the call raises.
    """
    began_s, attempt = time.monotonic(), 0
    while True:
        try:
            return call()
        except Passing as exc:
            if not patience.lasts(exc, attempt, time.monotonic() - began_s):
                raise
            wait_s = max(exc.wait_s, pause_s(attempt))
        attempt += 1
        time.sleep(wait_s)


def pause_s(attempt: int) -> float:
    """attempt: from 0. Up to half of it is left to chance, so that servers which lost the same
    one do not come back to it together."""
    return min(FIRST_PAUSE_S * 2.0**attempt, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)


class Outage:
    """Whether a server is known to be away. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_s: float | None = None  # when somebody may try it again
        self._answered_s = 0.0

    @property
    def lasts(self) -> bool:
        return self._next_s is not None

    def admits(self) -> bool:
        """Whether the caller may ask; while the server is away that is one caller at a time."""
        with self._lock:
            now_s = time.monotonic()
            if self._next_s is None:
                return True
            if now_s < self._next_s:
                return False
            self._next_s = now_s + TRIED_EVERY_S
            return True

    def begin(self, asked_s: float) -> bool:
        """A call that began then was not answered; whether that is news. It says nothing where
        a later one was."""
        with self._lock:
            if self._answered_s > asked_s:
                return False
            news, self._next_s = self._next_s is None, time.monotonic() + TRIED_EVERY_S
            return news

    def end(self) -> bool:
        """The server answered; whether that is news."""
        with self._lock:
            self._answered_s = time.monotonic()
            news, self._next_s = self._next_s is not None, None
            return news


class Calls:
    """All calls to one server. They raise Passing and StoreFailed; only StoreFailed comes out."""

    def __init__(self, retries: int, write_retries: int = WRITE_RETRIES) -> None:
        """retries: of what someone waits for."""
        self._retries = retries
        self._write_retries = write_retries
        self._outage = Outage()

    def ask(self, collection: str, call: Callable[[], T]) -> T:
        """What someone waits for: tried again for a moment only, and not by everybody while the
        server is known to be away."""
        if not self._outage.admits():
            raise Passing(collection, "away").failure
        retries = 0 if self._outage.lasts else self._retries
        return self._tried(call, Patience(retries, SEARCH_WAIT_S))

    def tell(self, call: Callable[[], T]) -> T:
        """What has time, and may be done twice."""
        return self._tried(call, Patience(self._write_retries, WRITE_WAIT_S, slow=True))

    def _tried(self, call: Callable[[], T], patience: Patience) -> T:
        asked_s = time.monotonic()
        try:
            given = tried(call, patience)
        except Passing as exc:
            if exc.kind == "busy" or self._outage.begin(asked_s):
                log.error("%s (%s)", exc, exc.__cause__)
            raise exc.failure from exc
        except StoreFailed:
            # It was there to refuse.
            self._outage.end()
            raise
        if self._outage.end():
            log.warning("The Qdrant server answers again.")
        return given
