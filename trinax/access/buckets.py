"""How often each client may ask: token buckets in the form of GCRA, one number a client."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

MINUTE_NS = 60_000_000_000
# Remembered at once, the last to ask; some 200 bytes each.
CLIENTS = 20_000


@dataclass(frozen=True, slots=True)
class Standing:
    """limit: requests a minute. remaining: those left now. reset_s: until all are there again.
    retry_after_s: until the next one is; 0 if this one was let through."""

    limit: int
    remaining: int
    reset_s: float
    retry_after_s: float = 0.0


class Buckets:
    """A bucket for each client, which holds a minute's requests and fills steadily.

    A client is remembered until its bucket is full again, and no longer than until so many others
    have asked since. Not thread-safe.
    """

    def __init__(self, per_minute: int, clients: int = CLIENTS) -> None:
        self._limit = per_minute
        self._clients = clients
        self._cost_ns = MINUTE_NS // per_minute
        self._burst_ns = self._cost_ns * per_minute
        # Client → when its bucket is full, on the caller's clock; the last to ask comes last.
        self._full_ns: OrderedDict[str, int] = OrderedDict()

    def after(self, client: str, now_ns: int) -> Standing:
        """How a client would stand after one more request; nothing is taken."""
        debt_ns = max(self._full_ns.get(client, now_ns), now_ns) - now_ns + self._cost_ns
        if debt_ns > self._burst_ns:
            held_ns = debt_ns - self._cost_ns
            wait_s = (debt_ns - self._burst_ns) / 1e9
            return Standing(self._limit, 0, held_ns / 1e9, wait_s)
        left = (self._burst_ns - debt_ns) // self._cost_ns
        return Standing(self._limit, left, debt_ns / 1e9)

    def take(self, client: str, now_ns: int) -> None:
        full_ns = self._full_ns
        full_ns[client] = max(full_ns.get(client, now_ns), now_ns) + self._cost_ns
        full_ns.move_to_end(client)
        # Two for each that comes: what a flood has left behind goes faster than it came.
        for _ in range(2):
            oldest = next(iter(full_ns))
            if len(full_ns) <= self._clients and full_ns[oldest] > now_ns:
                break
            del full_ns[oldest]

    def __len__(self) -> int:
        return len(self._full_ns)


def standing(asked: Sequence[tuple[Buckets, str]], now_ns: int) -> Standing:
    """How a client stands after one more request that several buckets count, where it has least
    left.

    asked: buckets and the client's name in each, at least one.
    """
    return min((buckets.after(client, now_ns) for buckets, client in asked), key=_room)


def _room(standing: Standing) -> tuple[float, int]:
    return -standing.retry_after_s, standing.remaining
