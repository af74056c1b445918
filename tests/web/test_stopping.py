import json
from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from trinax.web.agents.exchange import Listening
from trinax.web.middleware import Failures, RequestId
from trinax.web.stopping import Stoppable, Stopping
from trinax.web.wire.sse import EventStream, LineStream, frame, line

Ask = Callable[[str], Awaitable[list[Message]]]
# After so long whatever answers has begun to.
BEGUN_S = 0.05
STOPPED = {
    "error": {
        "message": "The server is stopping; ask again once it is back.",
        "type": "server_error",
        "param": None,
        "code": "server_stopping",
    }
}


async def endless(write: Callable[[object], str]) -> AsyncGenerator[str]:
    while True:
        yield write({"text": "on and "})
        await anyio.sleep(0.001)


async def silent() -> AsyncGenerator[str]:
    await anyio.sleep_forever()
    yield ""


async def listened(
    scope: object, receive: object, send: Callable[[Message], Awaitable[None]]
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await anyio.sleep_forever()


async def asleep(request: Request) -> Response:
    await anyio.sleep_forever()
    return PlainTextResponse("never")


def answering(response: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return response()

    return answer


ROUTES = [
    Route("/events", answering(lambda: EventStream(endless(frame)))),
    Route("/lines", answering(lambda: LineStream(endless(line)))),
    Route("/silent", answering(lambda: EventStream(silent()))),
    Route("/listening", answering(lambda: Listening(listened))),
    Route("/asleep", asleep),
    Route("/quick", answering(lambda: PlainTextResponse("done"))),
    Route("/ready", answering(lambda: PlainTextResponse("told"))),
]


@pytest.fixture
def stopping() -> Stopping:
    return Stopping()


@pytest.fixture
def ask(stopping: Stopping) -> Ask:
    """A request to the end of its answer."""
    middleware = [
        Middleware(RequestId),
        Middleware(Failures),
        Middleware(Stoppable, stopping=stopping),
    ]
    app = Starlette(routes=ROUTES, middleware=middleware)

    async def asked(path: str) -> list[Message]:
        sent: list[Message] = []
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        request: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if not request:
                await anyio.sleep_forever()
            return request.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    return asked


async def ended(ask: Ask, path: str, stopping: Stopping) -> list[Message]:
    """What a request was answered that the server ended."""
    async with anyio.create_task_group() as tasks:
        answer: list[Message] = []

        async def asked() -> None:
            answer.extend(await ask(path))

        tasks.start_soon(asked)
        await until(lambda: len(stopping) > 0)
        await anyio.sleep(BEGUN_S)
        stopping.begin()
        stopping.end()
    return answer


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(5000):
        if holds():
            return
        await anyio.sleep(0.001)
    pytest.fail("it never came to that")


def text(answer: list[Message]) -> str:
    return b"".join(message.get("body", b"") for message in answer).decode()


async def test_a_server_takes_requests_until_it_is_to_stop(ask: Ask, stopping: Stopping) -> None:
    assert text(await ask("/quick")) == "done"
    stopping.begin()
    refused = await ask("/quick")
    assert refused[0]["status"] == 503
    assert (b"retry-after", b"5") in refused[0]["headers"]
    assert json.loads(text(refused)) == STOPPED


async def test_it_still_says_how_it_is(ask: Ask, stopping: Stopping) -> None:
    stopping.begin()
    assert text(await ask("/ready")) == "told"


async def test_a_stream_of_events_says_that_it_was_ended(ask: Ask, stopping: Stopping) -> None:
    answer = await ended(ask, "/events", stopping)
    first, *_, last = text(answer).split("\n\n")[:-1]
    assert first == 'data: {"text":"on and "}'
    assert json.loads(last.removeprefix("data: ")) == STOPPED
    assert answer[-1]["more_body"] is False


async def test_a_stream_of_lines_says_that_it_was_ended(ask: Ask, stopping: Stopping) -> None:
    *_, last = text(await ended(ask, "/lines", stopping)).splitlines()
    assert json.loads(last) == STOPPED


async def test_a_stream_that_has_said_nothing_yet_has_a_status(
    ask: Ask, stopping: Stopping
) -> None:
    answer = await ended(ask, "/silent", stopping)
    assert (answer[0]["status"], json.loads(text(answer))) == (503, STOPPED)


async def test_an_answer_in_one_piece_is_refused(ask: Ask, stopping: Stopping) -> None:
    answer = await ended(ask, "/asleep", stopping)
    assert (answer[0]["status"], json.loads(text(answer))) == (503, STOPPED)


async def test_nobody_waits_for_what_may_never_come(ask: Ask, stopping: Stopping) -> None:
    answer: list[Message] = []

    async def asked() -> None:
        answer.extend(await ask("/listening"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked)
        await until(lambda: len(stopping) > 0)
        await anyio.sleep(BEGUN_S)
        assert stopping.under_way == 0
        stopping.dismiss()
    assert [message.get("more_body") for message in answer] == [None, False]


async def test_what_has_ended_is_no_longer_under_way(ask: Ask, stopping: Stopping) -> None:
    await ask("/quick")
    await ended(ask, "/events", stopping)
    assert (len(stopping), stopping.under_way) == (0, 0)
