"""POST /v1/responses: grounded answers in the shape of OpenAI's Responses API."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.answering.chat import Chat
from trinax.answering.records import Done, Event, Started
from trinax.errors import (
    ContextLengthExceeded,
    InvalidRequest,
    UnsupportedParameter,
    WebSearchOff,
)
from trinax.models.ports import Finish
from trinax.web import metering
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.openai.chat import ANSWER_FAILURES
from trinax.web.openai.responses.body import ResponseRequest, ResponsesBody, response_request
from trinax.web.openai.responses.object import Beginning
from trinax.web.openai.responses.shapes import ResponseEvent, ResponseObject
from trinax.web.openai.responses.writer import Writer, whole
from trinax.web.wire import errors, headers
from trinax.web.wire.sse import EventStream, collected, frame


@dataclass(frozen=True, slots=True)
class Responses:
    chat: Chat

    def operations(self) -> list[Operation]:
        streams = Streams("text/event-stream", ResponseEvent)
        path, gives = "/v1/responses", ResponseObject
        return [Operation("POST", path, self.create, gives, "chat", ANSWER_FAILURES, streams)]

    async def create(self, request: Request, asked: ResponsesBody) -> Response:
        """An answer from the collections as items; nothing of it is kept."""
        asking = caller(request)
        read = response_request(asked, asking.key)
        chat = self.chat.within(asking.collections, asking.models)
        events = _named(metering.answer(request, chat, read.ask), read)
        if not asked.stream:
            told = await collected(request, events)
            started = told[0]
            assert isinstance(started, Started)
            beginning = _beginning(read, started)
            answer = await anyio.to_thread.run_sync(whole, beginning, told[1:])
            return JSONResponse(answer, headers=_headers(beginning))
        # Awaited here, so that the headers can tell what it says.
        started = await anext(events)
        assert isinstance(started, Started)
        beginning = _beginning(read, started)
        return ResponseStream(Writer(beginning), events, _headers(beginning))


class ResponseStream(EventStream):
    """Events that are named on a line of their own; a failure is one of them."""

    def __init__(
        self, writer: Writer, events: AsyncGenerator[Event], headers: dict[str, str]
    ) -> None:
        super().__init__(_frames(writer, events), headers)
        self._writer = writer

    def last_words(self, failure: Exception) -> str:
        said = errors.envelope(failure)["error"]
        shown = self._writer.failed({"code": said["code"] or "", "message": said["message"]})
        return "".join(map(_frame, shown))


async def _frames(writer: Writer, events: AsyncGenerator[Event]) -> AsyncGenerator[str]:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Finish | Done):
                # Citations and snippets take milliseconds, which other streams would wait.
                yield await anyio.to_thread.run_sync(_told, writer, event)
            elif text := _told(writer, event):
                yield text


def _told(writer: Writer, event: Event) -> str:
    return "".join(map(_frame, writer.events(event)))


def _frame(event: ResponseEvent) -> str:
    return f"event: {event['type']}\n{frame(event)}"


async def _named(events: AsyncGenerator[Event], read: ResponseRequest) -> AsyncGenerator[Event]:
    """A failure is of the field that was sent: there are no messages here."""
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except ContextLengthExceeded as exc:
            exc.param = "input"
            raise
        except (InvalidRequest, UnsupportedParameter, WebSearchOff) as exc:
            exc.param = _sent_as(exc.param or "", read) or None
            raise


def _sent_as(param: str, read: ResponseRequest) -> str:
    if param == "web_search" and not read.sent.web_search:
        return "tools"
    names = {"response_format": "text.format", "reasoning_effort": "reasoning.effort"}
    if param == "logprobs":
        return "top_logprobs" if read.sent.top_logprobs else "include"
    return names.get(param, param)


def _beginning(read: ResponseRequest, started: Started) -> Beginning:
    return Beginning(read, f"resp_{uuid4().hex}", int(time.time()), started)


def _headers(beginning: Beginning) -> dict[str, str]:
    read, started = beginning.asked, beginning.started
    names = {"reasoning_effort": "reasoning.effort"}
    unused = [names.get(name, name) for name in started.ignored]
    return headers.ignored((*read.ignored, *unused))
