import json
from collections.abc import AsyncGenerator

import anyio
import pytest
from starlette.types import Message

from trinax.errors import Busy, ModelFailed
from trinax.web.wire.sse import KEEP_ALIVE, EventStream, frame


class Wire:
    """What a server would have been told to send; gone: set when the client goes away."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.gone = anyio.Event()
        self.spoken = anyio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body":
            self.spoken.set()

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.messages).decode()


async def answered(response: EventStream, wire: Wire) -> Wire:
    scope = {"type": "http", "method": "POST", "path": "/v1/research", "state": {"request_id": "r"}}
    await response(scope, wire.receive, wire.send)
    return wire


async def failing(failure: Exception, *frames: str) -> AsyncGenerator[str]:
    for text in frames:
        yield text
    raise failure


def test_a_frame_is_one_line_whatever_it_holds() -> None:
    assert frame({"a": "x\r\ny\u2028ü"}) == 'data: {"a":"x\\r\\ny\\u2028ü"}\n\n'


async def test_frames_are_sent_as_they_are() -> None:
    async def frames() -> AsyncGenerator[str]:
        yield "data: 1\n\n"
        yield "data: 2\n\n"

    wire = await answered(EventStream(frames(), {"x-trinax-ignored": "tools"}), Wire())
    assert (wire.status, wire.text) == (200, "data: 1\n\ndata: 2\n\n")
    headers = dict(wire.messages[0]["headers"])
    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert headers[b"x-trinax-ignored"] == b"tools"
    assert wire.messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_whether_the_connection_stays_is_for_the_server_to_say() -> None:
    assert "connection" not in EventStream(failing(Busy("m", 1.0))).headers


async def test_a_failure_before_the_first_frame_has_its_status() -> None:
    wire = await answered(EventStream(failing(Busy("The model", 2))), Wire())
    assert wire.status == 429
    assert json.loads(wire.text)["error"]["code"] == "busy"


async def test_a_later_failure_is_a_last_frame() -> None:
    broken = ModelFailed("m", "it broke")
    wire = await answered(EventStream(failing(broken, "data: 1\n\n")), Wire())
    first, last, rest = wire.text.split("\n\n")
    assert (wire.status, first, rest) == (200, "data: 1", "")
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "model_failed"


async def test_an_unforeseen_failure_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    broken = RuntimeError("secret")
    wire = await answered(EventStream(failing(broken, "data: 1\n\n")), Wire())
    assert "internal_error" in wire.text
    assert "secret" not in wire.text
    assert "secret" in caplog.text


async def test_a_silence_is_filled_with_comments() -> None:
    wire = Wire()

    async def frames() -> AsyncGenerator[str]:
        await wire.spoken.wait()
        yield "data: 1\n\n"

    await answered(EventStream(frames(), interval_s=0.001), wire)
    assert wire.text.startswith(f": {KEEP_ALIVE}\n\n")
    assert wire.text.endswith("data: 1\n\n")
    assert not KEEP_ALIVE.startswith("ping")


async def test_a_client_that_goes_away_closes_the_frames() -> None:
    wire, closed = Wire(), anyio.Event()

    async def frames() -> AsyncGenerator[str]:
        try:
            yield "data: 1\n\n"
            wire.gone.set()
            await anyio.sleep_forever()
        finally:
            closed.set()

    await answered(EventStream(frames()), wire)
    assert closed.is_set()
    assert wire.text == "data: 1\n\n"
