"""How much every client may ask: by address, and again by API key or session."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Literal

from trinax.access.buckets import Buckets, Standing, standing
from trinax.access.occupancy import Occupancy
from trinax.access.policy import Caller
from trinax.errors import RateLimited
from trinax.settings import Limits

# answers: chat and research. calls: the rest of the native and of the OpenAI API. reads: searching,
# browsing and everything else.
Family = Literal["answers", "calls", "reads"]
# Bits of an IPv6 address that a household, or one machine, chooses by itself.
OWN_BITS = 64
FREE: AbstractContextManager[None] = nullcontext()


class Gate:
    """Thread-safe; remembers a bounded number of clients."""

    def __init__(self, limits: Limits) -> None:
        self._loopback = limits.loopback
        self._lock = threading.Lock()
        per_minute: dict[Family, int] = {
            "answers": limits.answers_per_minute,
            "calls": limits.calls_per_minute,
            "reads": limits.reads_per_minute,
        }
        limited = [(family, number) for family, number in per_minute.items() if number > 0]
        self._addresses = {family: Buckets(number) for family, number in limited}
        self._names = {family: Buckets(number) for family, number in limited}
        self._queues = Occupancy("requests at this model", limits.queue_per_client)
        self._streams = Occupancy("streams", limits.streams_per_client)

    def admit(self, caller: Caller, family: Family, session: str, now_ns: int) -> Standing | None:
        """Count a request; None where nothing limits it.

        session: that a page names, which counts where there is no key. now_ns: of a clock that
        never goes back. Raises RateLimited, with nothing counted.
        """
        asked = self._asked(caller, family, session)
        if not asked:
            return None
        with self._lock:
            found = standing(asked, now_ns)
            if not found.retry_after_s:
                for buckets, client in asked:
                    buckets.take(client, now_ns)
        if found.retry_after_s:
            raise RateLimited(found.limit, found.reset_s, found.retry_after_s)
        return found

    def stream(self, caller: Caller) -> AbstractContextManager[None]:
        """Entering it raises TooManyAtOnce."""
        return FREE if self._is_free(caller) else self._streams.place(_client(caller))

    def queue(self, caller: Caller, model: str) -> AbstractContextManager[None]:
        """Entering it raises TooManyAtOnce."""
        if self._is_free(caller):
            return FREE
        return self._queues.place(f"{_client(caller)} {model}")

    def __len__(self) -> int:
        """Clients that are remembered, by each of their names."""
        buckets = [*self._addresses.values(), *self._names.values()]
        return sum(map(len, buckets)) + len(self._queues) + len(self._streams)

    def _asked(self, caller: Caller, family: Family, session: str) -> Sequence[tuple[Buckets, str]]:
        if self._is_free(caller):
            return ()
        by_name: Family = "calls" if family == "answers" else family
        by_address = by_name if caller.id else family
        asked = []
        if by_address in self._addresses and not self._is_near(caller):
            asked.append((self._addresses[by_address], network(caller.address)))
        name = caller.id or session
        if name and by_name in self._names:
            asked.append((self._names[by_name], name))
        return asked

    def _is_free(self, caller: Caller) -> bool:
        # An editor on this machine asks at every keystroke; its owner pays for that.
        return not caller.id and self._is_near(caller)

    def _is_near(self, caller: Caller) -> bool:
        return caller.place == "loopback" and not self._loopback


@lru_cache(maxsize=1024)
def network(address: str) -> str:
    """Who counts as one client: an IPv4 address, the /64 network of an IPv6 one; what cannot be
    read is one client altogether."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> OWN_BITS << OWN_BITS))


def _client(caller: Caller) -> str:
    return caller.id or network(caller.address)
