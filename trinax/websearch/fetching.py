"""Pages of strangers, fetched without serving their ends: only from the public internet."""

from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

import anyio

from trinax.settings import Web
from trinax.websearch.connection import Call, Connection, Reply
from trinax.websearch.failures import Broken, PageFailed
from trinax.websearch.ports import Address, Network
from trinax.websearch.records import URL_CHARACTERS

PORTS = {"http": 80, "https": 443}
REDIRECTS_LIMIT = 4
REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
# Media type → Document.kind. No PDF: what reads them is native code, and these are strangers'.
KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
    "application/json": "json",
}
ACCEPTED = {"accept": ", ".join(KINDS)}


@dataclass(frozen=True, slots=True)
class Fetched:
    """url: where it was found in the end. kind: Document.kind. charset: "" if not told."""

    url: str
    kind: str
    charset: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """One address of the web, taken apart. host: in ASCII, without brackets."""

    parts: SplitResult
    host: str
    port: int

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.parts.scheme] else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The same with an address in the place of the name."""
        host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        query = f"?{self.parts.query}" if self.parts.query else ""
        return f"{self.parts.scheme}://{host}:{self.port}{self.parts.path or '/'}{query}"


class Fetcher:
    """Callable from any task; keeps nothing of a page."""

    def __init__(self, connection: Connection, network: Network, settings: Web) -> None:
        self._connection = connection
        self._network = network
        self._settings = settings

    async def fetch(self, url: str) -> Fetched:
        """The page as it came, redirects followed. Raises PageFailed."""
        limit_s = self._settings.page_timeout_s
        try:
            with anyio.fail_after(limit_s):
                return await self._followed(url)
        except TimeoutError as exc:
            raise PageFailed(f"it took longer than {limit_s:g} s") from exc
        except Broken as exc:
            raise PageFailed(exc.reason) from exc

    async def _followed(self, url: str) -> Fetched:
        for _ in range(REDIRECTS_LIMIT + 1):
            asked = target(url)
            # Looked up once and connected to as found: a name cannot change its mind in between.
            address = await self._network.address(asked.host, asked.port)
            headers = {"host": asked.authority, **ACCEPTED}
            call = Call(asked.at(address), headers, asked.host)
            async with self._connection.opened(call) as reply:
                if reply.status not in REDIRECTS:
                    return await self._page(url, reply)
                location = reply.headers.get("location", "")
            if not location:
                raise PageFailed("it redirects nowhere")
            url = _joined(url, location)
        raise PageFailed(f"it redirects more than {REDIRECTS_LIMIT} times")

    async def _page(self, url: str, reply: Reply) -> Fetched:
        if reply.status != HTTPStatus.OK:
            raise PageFailed(f"HTTP {reply.status}")
        told = reply.headers.get("content-type", "")
        kind = KINDS.get(told.partition(";")[0].strip().lower())
        if kind is None:
            raise PageFailed("it is no text")
        content = await reply.content(self._settings.page_limit_bytes)
        return Fetched(url, kind, _charset(told), content)


def target(url: str) -> Target:
    """Raises PageFailed for what is no address of the web, or carries credentials."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _host(parts.hostname or "")
    except (ValueError, UnicodeError) as exc:
        raise PageFailed("its address is malformed") from exc
    if parts.scheme not in PORTS or not host:
        raise PageFailed("its address is none of http or https")
    if len(url) > URL_CHARACTERS:
        raise PageFailed("its address is too long")
    if "@" in parts.netloc:
        raise PageFailed("its address carries credentials")
    return Target(parts, host, PORTS[parts.scheme] if port is None else port)


def _host(host: str) -> str:
    if ":" in host:
        return str(ip_address(host))
    return host.encode("idna").decode("ascii")


def _charset(media_type: str) -> str:
    told = Message()
    told["content-type"] = media_type
    return told.get_content_charset("")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as exc:
        raise PageFailed("it redirects to a malformed address") from exc
