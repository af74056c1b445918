"""Requests whose answers are read as they come and understood afterwards.

A client that parses while it reads takes time from the server beside it: httpx takes 0.2 ms for a
token.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import h11

from trinax.evaluation.serving import HOST, ServerFailed

CHAT = "/v1/chat/completions"
LIMIT_S = 300.0
PREFIX = b"data: "
LAST = b"[DONE]"
SSE = b"text/event-stream"
LAST_CHUNK = b"0\r\n\r\n"

Body = Mapping[str, Any]
Reads = Sequence[tuple[float, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one request; times are of time.perf_counter().

    status: 0 if the connection ended before. arrivals: when each frame with text came, all
    choices together. texts: of each choice. prompt_tokens, completion_tokens: 0 if not told.
    error: the body of a refusal or the frame that ended a stream, "" for none.
    """

    asked_s: float
    ended_s: float
    status: int = 0
    arrivals: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""

    @property
    def first_s(self) -> float:
        """Seconds to the first text."""
        return self.arrivals[0] - self.asked_s

    @property
    def tokens(self) -> int:
        """Written tokens. llama_cpp.server does not tell, llama-server tells those of one choice;
        both send a frame for each, others may put several into one."""
        return max(self.completion_tokens, len(self.arrivals))


class Stream(asyncio.Protocol):
    """One request under way. ended_s: 0 until it ended."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._moved = asyncio.Event()
        self._ended = asyncio.Event()
        self.asked_s = self.ended_s = 0.0
        self.reads: list[tuple[float, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.asked_s = time.perf_counter()
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.reads.append((time.perf_counter(), data))
        self._moved.set()
        # llama-server closes seconds later, whatever the request says.
        if data.endswith(LAST_CHUNK):
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    async def whole(self) -> Reply:
        """The reply, once the server has said everything."""
        await self._ended.wait()
        return self.reply()

    async def read(self, count: int) -> None:
        """Wait until that many pieces of data were read, or the end."""
        while len(self.reads) < count and not self._ended.is_set():
            self._moved.clear()
            await self._moved.wait()

    def _end(self) -> None:
        self.ended_s = self.ended_s or time.perf_counter()
        self._moved.set()
        self._ended.set()

    def reply(self) -> Reply:
        """What has come so far."""
        return understood(self.asked_s, self.ended_s or time.perf_counter(), self.reads)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()


@dataclass(frozen=True, slots=True)
class _Heard:
    """An HTTP response. complete: whether its end was read. parts: of the body, each with when it
    was read."""

    status: int
    streamed: bool
    complete: bool
    parts: Reads


@asynccontextmanager
async def opened(port: int, body: Body, path: str = CHAT) -> AsyncIterator[Stream]:
    """A POST request; the connection is closed at the end, whatever was read by then."""
    loop = asyncio.get_running_loop()
    request = _request(port, path, json.dumps(body).encode())
    _, stream = await loop.create_connection(lambda: Stream(request), HOST, port)
    try:
        yield stream
    finally:
        stream.close()


async def ask(port: int, body: Body, limit_s: float = LIMIT_S) -> Reply:
    """The whole reply. Raises ServerFailed for anything but 200 and max_tokens for each choice,
    TimeoutError after limit_s."""
    async with asyncio.timeout(limit_s), opened(port, body) as stream:
        reply = await stream.whole()
    if reply.status != 200 or reply.error:
        raise ServerFailed(f"port {port} answered {reply.status} {reply.error[:500]}")
    wanted = body["max_tokens"] * body.get("n", 1)
    if reply.tokens != wanted or not reply.arrivals:
        raise ServerFailed(f"port {port} wrote {reply.tokens} tokens when asked for {wanted}")
    return reply


def understood(asked_s: float, ended_s: float, reads: Reads) -> Reply:
    """A reply from what was read; the end may be missing."""
    heard = _heard(reads)
    body = b"".join(part for _, part in heard.parts)
    if heard.status != 200:
        return Reply(asked_s, ended_s, heard.status, error=body.decode("utf-8", "replace"))
    if heard.streamed:
        return _streamed(Reply(asked_s, ended_s, 200), _lines(heard.parts))
    if not heard.complete:
        return Reply(asked_s, ended_s, 200)
    answer = json.loads(body)
    texts = tuple(choice["message"]["content"] or "" for choice in answer["choices"])
    return Reply(asked_s, ended_s, 200, (), texts, *_counts(answer["usage"]))


def _streamed(reply: Reply, lines: Iterable[tuple[float, bytes]]) -> Reply:
    """The reply with what its frames say."""
    texts: defaultdict[int, str] = defaultdict(str)
    arrivals, usage, error = list[float](), dict[str, int](), ""
    for read_s, line in lines:
        if not line.startswith(PREFIX) or line.endswith(LAST):
            continue
        frame = json.loads(line.removeprefix(PREFIX))
        error = error or (json.dumps(frame["error"]) if "error" in frame else "")
        usage = frame.get("usage") or usage
        for choice in frame.get("choices", ()):
            if text := choice["delta"].get("content"):
                arrivals.append(read_s)
                texts[choice["index"]] += text
    prompt_tokens, completion_tokens = _counts(usage)
    return replace(
        reply,
        arrivals=tuple(arrivals),
        texts=tuple(texts[choice] for choice in sorted(texts)),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        error=error,
    )


def _counts(usage: Mapping[str, int]) -> tuple[int, int]:
    return usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)


def _request(port: int, path: str, content: bytes) -> bytes:
    connection = h11.Connection(h11.CLIENT)
    headers = {
        "Host": f"{HOST}:{port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Connection": "close",
    }
    head = connection.send(h11.Request(method="POST", target=path, headers=[*headers.items()]))
    return b"".join(filter(None, (head, connection.send(h11.Data(content)))))


def _heard(reads: Reads) -> _Heard:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", HOST)]))
    connection.send(h11.EndOfMessage())
    status, streamed, parts = 0, False, list[tuple[float, bytes]]()
    for read_s, data in reads:
        connection.receive_data(data)
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Response):
                status = event.status_code
                streamed = dict(event.headers).get(b"content-type", b"").startswith(SSE)
            elif isinstance(event, h11.Data):
                parts.append((read_s, bytes(event.data)))
            elif isinstance(event, h11.EndOfMessage):
                return _Heard(status, streamed, True, parts)
    return _Heard(status, streamed, False, parts)


def _lines(parts: Reads) -> Iterator[tuple[float, bytes]]:
    """Whole lines, each with the time at which its end was read."""
    rest = b""
    for read_s, part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from ((read_s, line.rstrip(b"\r")) for line in lines)
