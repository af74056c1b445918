"""Requests of any bytes, put to an application without a client that would mend them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import anyio
from starlette.types import ASGIApp, Message

LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """raw_path: as it stands in the request line. client: the peer's address."""

    method: str
    raw_path: bytes
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    client: str | None = "127.0.0.1"

    @property
    def path(self) -> str:
        return unquote(self.raw_path.decode("latin-1"))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    took_s: float


async def answered(app: ASGIApp, sent: Sent) -> Answer:
    """Raises TimeoutError if it takes too long, AssertionError if there is no answer."""
    messages: list[Message] = []
    over = anyio.Event()
    unread = [sent.body]

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            over.set()

    begun_s = time.monotonic()
    with anyio.fail_after(LIMIT_S):
        await app(_scope(sent), receive, send)
    assert messages, f"{sent} got no answer"
    return Answer(
        messages[0]["status"],
        messages[0]["headers"],
        b"".join(message.get("body", b"") for message in messages[1:]),
        time.monotonic() - begun_s,
    )


def _scope(sent: Sent) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": sent.path,
        "raw_path": sent.raw_path,
        "query_string": sent.query,
        "root_path": "",
        "headers": list(sent.headers),
        "client": None if sent.client is None else (sent.client, 50000),
        "server": ("127.0.0.1", 3333),
        "state": {},
    }
