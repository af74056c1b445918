"""What the rest of trinax asks of a search provider, and a fetcher of the network."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

from trinax.websearch.records import Results

Address = IPv4Address | IPv6Address


class Provider(Protocol):
    """Implemented by DdgsProvider, SearxngProvider and BraveProvider."""

    async def search(self, query: str, limit: int) -> Results:
        """At most `limit` results; none where the web has nothing.

        Raises WebSearchFailed, and Busy where the provider is asked too often.
        """


class Resolver(Protocol):
    """Implemented by SystemResolver."""

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """All of a name or of an address in any notation; empty if there is none."""


class Network(Protocol):
    """Whom a fetcher may speak to. Implemented by PublicNetwork."""

    async def address(self, host: str, port: int) -> Address:
        """The one to connect to. Raises PageFailed for a host that is not to be spoken to."""
