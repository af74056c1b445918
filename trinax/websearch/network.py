"""The public internet: names to addresses that a page may be fetched from."""

import socket
from collections.abc import Sequence
from ipaddress import ip_address

import anyio.to_thread

from trinax.websearch.addresses import is_public
from trinax.websearch.failures import PageFailed
from trinax.websearch.ports import Address, Resolver

PORTS = {80, 443}


class SystemResolver:
    """The machine's own."""

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        # A name server that does not answer must not hold up who has given up on it.
        return await anyio.to_thread.run_sync(_looked_up, host, port, abandon_on_cancel=True)


class PublicNetwork:
    """Public addresses on the ports of the web, and nothing else."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def address(self, host: str, port: int) -> Address:
        if port not in PORTS:
            raise PageFailed(f"port {port} is none of the web's")
        found = await self._resolver.addresses(host, port)
        if not found:
            raise PageFailed("its name is not known")
        # One private address among public ones is how a name is turned on the network it is
        # asked from.
        if not all(map(is_public, found)):
            raise PageFailed("its address is not of the public internet")
        return min(found, key=lambda address: address.version)


def _looked_up(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(sockaddr[0])) for *_, sockaddr in found]
