import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from trinax.evaluation.serving import ServerFailed
from trinax.evaluation.streaming import ask, opened, understood

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n"
LAST = b"0\r\n\r\n"
LIMIT_S = 10.0


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def frame(text: str | None, index: int = 0, end: bytes = b"\n\n") -> bytes:
    choice = {"index": index, "delta": {"content": text}, "finish_reason": None}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + end


def usage(tokens: int) -> bytes:
    counted = {"prompt_tokens": 7, "completion_tokens": tokens}
    return b"data: " + json.dumps({"choices": [], "usage": counted}).encode() + b"\n\n"


def whole(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@asynccontextmanager
async def answering(parts: Sequence[bytes], closes: bool = True) -> AsyncIterator[int]:
    """A server that answers everything with these parts; gives its port."""
    left = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
        if not closes:
            await left.wait()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        left.set()


async def test_a_frame_with_text_is_an_arrival() -> None:
    frames = [frame(""), frame(None), frame("one"), b": ping\n\n", frame(" two")]
    parts = [HEAD, *map(chunk, [*frames, usage(2), b"data: [DONE]\n\n"]), LAST]
    async with answering(parts) as port:
        reply = await ask(port, {"max_tokens": 2}, LIMIT_S)
    assert reply.texts == ("one two",)
    assert len(reply.arrivals) == 2
    assert (reply.prompt_tokens, reply.completion_tokens) == (7, 2)


async def test_the_end_is_the_last_chunk_whenever_the_connection_closes() -> None:
    async with answering([HEAD, chunk(frame("one")), LAST], closes=False) as port:
        reply = await ask(port, {"max_tokens": 1}, LIMIT_S)
    assert reply.texts == ("one",)


async def test_fewer_tokens_than_asked_are_refused() -> None:
    async with answering([HEAD, chunk(frame("one")), LAST]) as port:
        with pytest.raises(ServerFailed, match="wrote 1 tokens when asked for 2"):
            await ask(port, {"max_tokens": 2}, LIMIT_S)


async def test_another_status_is_refused_with_its_body() -> None:
    async with answering([whole(b"full", b"429 Too Many Requests")]) as port:
        with pytest.raises(ServerFailed, match="429 full"):
            await ask(port, {"max_tokens": 2}, LIMIT_S)


async def test_a_frame_with_an_error_is_refused() -> None:
    failed = b'data: {"error": {"code": "model_failed"}}\n\n'
    async with answering([HEAD, chunk(frame("one")), chunk(failed), LAST]) as port:
        with pytest.raises(ServerFailed, match="model_failed"):
            await ask(port, {"max_tokens": 1}, LIMIT_S)


async def test_a_stream_can_be_left() -> None:
    async with answering([HEAD, chunk(frame("one"))], closes=False) as port:
        async with asyncio.timeout(LIMIT_S), opened(port, {}) as stream:
            while not stream.reply().arrivals:
                await stream.read(len(stream.reads) + 1)
        assert stream.reply().texts == ("one",)


def test_lines_may_end_in_two_ways_and_be_split() -> None:
    data = HEAD + chunk(frame("one", end=b"\r\n\r\n") + frame("two"))
    halves = [(1.0, data[:150]), (2.0, data[150:])]
    reply = understood(0.5, 3.0, halves)
    assert reply.texts == ("onetwo",)
    assert reply.arrivals == (2.0, 2.0)
    assert reply.first_s == 1.5


def test_choices_are_kept_apart() -> None:
    frames = frame("a", 1) + frame("b", 0) + frame("c", 1)
    reply = understood(0, 1, [(0.5, HEAD + chunk(frames) + LAST)])
    assert reply.texts == ("b", "ac")
    assert reply.tokens == 3


def test_an_answer_in_one_piece_is_read() -> None:
    answer = {
        "choices": [{"message": {"content": "one two"}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 9},
    }
    reply = understood(0, 1, [(0.5, whole(json.dumps(answer).encode()))])
    assert (reply.texts, reply.tokens) == (("one two",), 9)


@pytest.mark.parametrize("length", [10, len(HEAD), len(HEAD) + 20])
def test_what_was_cut_off_is_no_text(length: int) -> None:
    data = HEAD + chunk(frame("one"))
    assert understood(0, 1, [(0.5, data[:length])]).texts == ()


def test_half_an_answer_in_one_piece_is_no_text() -> None:
    assert understood(0, 1, [(0.5, whole(b'{"choices": []}')[:-1])]).texts == ()


def test_nothing_at_all_has_no_status() -> None:
    assert understood(0, 1, []).status == 0
