"""POST /v1/completions: raw text continued, or filled in, in OpenAI's older shape."""

import time
from dataclasses import dataclass
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.answering.completing import Begun, Completing, DraftEvent
from trinax.errors import TrinaxError
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.openai.completions.body import CompletionsBody, TextRequest, text_request
from trinax.web.openai.completions.shapes import TextCompletion
from trinax.web.openai.completions.text import TextAnswer
from trinax.web.wire.errors import ErrorEnvelope
from trinax.web.wire.sse import EventStream, collected

FAILURES: tuple[type[TrinaxError], ...] = (
    errors.UnsupportedParameter,
    errors.ContextLengthExceeded,
    errors.NoGenerativeModel,
    errors.ModelNotFound,
    errors.Busy,
    errors.ModelFailed,
    errors.UpstreamFailed,
    errors.TimedOut,
)


@dataclass(frozen=True, slots=True)
class Completions:
    completing: Completing

    def operations(self) -> list[Operation]:
        gives = TextCompletion
        streams = Streams("text/event-stream", gives | ErrorEnvelope, "[DONE]")
        return [Operation("POST", "/v1/completions", self.create, gives, "chat", FAILURES, streams)]

    async def create(self, request: Request, asked: CompletionsBody) -> Response:
        """A text continued, or the gap between it and a suffix filled in; no documents, no chat
        template."""
        read = text_request(asked, caller(request).key)
        events = self.completing.write(read.draft)
        if not read.stream:
            begun, *written = await collected(request, events)
            answer = _answer(read, begun)
            # A hundred texts with their tokens take tens of milliseconds.
            whole = await anyio.to_thread.run_sync(answer.whole, written)
            return JSONResponse(whole, headers=answer.headers)
        # Awaited here, so that the headers can tell what it says.
        answer = _answer(read, await anext(events))
        return EventStream(answer.frames(events), answer.headers)


def _answer(read: TextRequest, begun: DraftEvent) -> TextAnswer:
    assert isinstance(begun, Begun)
    return TextAnswer(read, f"cmpl-{uuid4().hex}", int(time.time()), begun)
