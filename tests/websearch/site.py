"""A web server that gives what a test puts on it and remembers what it was asked."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qsl

import uvicorn
from starlette.types import Receive, Scope, Send

from trinax.websearch.network import PublicNetwork
from trinax.websearch.ports import Address

LOOPBACK = "127.0.0.1"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Put:
    """hangs: sends nothing more until the client goes; late: not even the head."""

    body: bytes = b""
    type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


def redirect(location: str, status: int = 302) -> Put:
    return Put(status=status, headers={"location": location})


class Site:
    """An ASGI application; what it does not have is a 404."""

    def __init__(self) -> None:
        self.port = 0
        self.pages: dict[str, Put] = {}
        self.asked: list[Asked] = []
        self.gone = threading.Event()  # a client closed its connection before the end

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def at(self, host: str, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def put(self, path: str, page: Put | str) -> None:
        self.pages[path] = Put(page.encode()) if isinstance(page, str) else page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = dict(parse_qsl(scope["query_string"].decode()))
        self.asked.append(Asked(scope["path"], query, headers))
        page = self.pages.get(scope["path"], Put(b"Not here.", status=404))
        if not page.late:
            head = {"content-type": page.type, **page.headers}
            pairs = [(name.encode(), value.encode()) for name, value in head.items()]
            start = {"type": "http.response.start", "status": page.status, "headers": pairs}
            await send(start)
            body = {"type": "http.response.body", "body": page.body, "more_body": page.hangs}
            await send(body)
        if page.hangs or page.late:
            while (await receive())["type"] != "http.disconnect":
                pass
            self.gone.set()


@contextmanager
def open_site(certificate: str = "") -> Iterator[Site]:
    """certificate: a PEM file with a key, for HTTPS."""
    site = Site()
    with socket.create_server((LOOPBACK, 0)) as listener:
        site.port = listener.getsockname()[1]
        config = uvicorn.Config(
            site,
            log_config=None,
            proxy_headers=False,
            ssl_certfile=certificate or None,
            timeout_graceful_shutdown=1,  # Not every client takes its leave.
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield site
        finally:
            server.should_exit = True
            thread.join()


class Names:
    """A resolver that knows what it is told; an address in dots or colons is itself."""

    def __init__(self, **known: Sequence[str]) -> None:
        """known: with "_" for each dot."""
        self.known = {name.replace("_", "."): found for name, found in known.items()}
        self.looked_up: list[str] = []

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        self.looked_up.append(host)
        try:
            return [ip_address(host)]
        except ValueError:
            return [ip_address(each) for each in self.known.get(host, ())]


class StandIns:
    """The public internet, with a few hosts that really are on this machine."""

    def __init__(self, names: Names, *hosts: str) -> None:
        self.asked: list[str] = []
        self._public = PublicNetwork(names)
        self._hosts = hosts

    async def address(self, host: str, port: int) -> Address:
        self.asked.append(host)
        if host in self._hosts:
            return ip_address(LOOPBACK)
        return await self._public.address(host, port)
