"""HTTP to providers and pages: one GET each, nothing kept between them."""

import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from trinax.websearch.failures import Broken

AGENT = "trinax"
PACKED = "gzip"


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for. name: that the certificate is checked against, where url has an address
    in its place."""

    url: str
    headers: Mapping[str, str]
    name: str = ""


class Reply:
    """An answer whose body is still on its way. headers: names in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], raw: AsyncIterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self._raw = raw

    async def content(self, limit_bytes: int) -> bytes:
        """All of the body, unpacked. Raises Broken as soon as it is over the limit."""
        unpacker = self._unpacker()
        whole = bytearray()
        try:
            async for part in self._raw:
                # Never unpacked further than that: a few bytes can stand for gigabytes.
                room = limit_bytes + 1 - len(whole)
                whole += unpacker.decompress(part, room) if unpacker else part
                if len(whole) > limit_bytes:
                    raise Broken(f"it is over {limit_bytes} bytes")
        except zlib.error as exc:
            raise Broken("it cannot be unpacked") from exc
        return bytes(whole)

    def _unpacker(self) -> Any:
        packing = self.headers.get("content-encoding", "").strip().lower()
        if packing in ("", "identity"):
            return None
        if packing != PACKED:
            raise Broken("it is packed in a way that was not asked for")
        return zlib.decompressobj(16 + zlib.MAX_WBITS)


class Connection:
    """Opens a new one for each call: no cookie, no credential and no open socket stays behind."""

    def __init__(self, trusted: ssl.SSLContext | None = None) -> None:
        """trusted: None for the usual authorities and the machine's own."""
        self._trusted = trusted

    @asynccontextmanager
    async def opened(self, call: Call) -> AsyncIterator[Reply]:
        """The head of the answer, redirects included; the caller limits the time. Raises Broken."""
        # Both take 0.1 s at first, which neither a server that nobody asks for the web nor the
        # other requests should wait for.
        trusted = await anyio.to_thread.run_sync(self._context)
        import httpx

        headers = {"user-agent": AGENT, "accept-encoding": PACKED, **call.headers}
        extensions = {"sni_hostname": call.name} if call.name else {}
        try:
            # trust_env: configuration.py alone reads the environment, proxies in it included.
            async with (
                httpx.AsyncClient(verify=trusted, trust_env=False, timeout=None) as client,
                client.stream("GET", call.url, headers=headers, extensions=extensions) as response,
            ):
                yield Reply(response.status_code, response.headers, response.aiter_raw())
        except (httpx.RequestError, httpx.InvalidURL) as exc:
            raise Broken(f"the connection failed ({type(exc).__name__})") from exc

    def _context(self) -> ssl.SSLContext:
        import httpx

        if self._trusted is None:
            self._trusted = httpx.create_ssl_context(trust_env=False)
            self._trusted.load_default_certs()
        return self._trusted
