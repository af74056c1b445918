"""POST /v1/completions: raw text continued, or filled in, in OpenAI's older shape."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from trinax import errors
from trinax.answering.completing import Begun, Completing, DraftEvent
from trinax.errors import TrinaxError
from trinax.web import metering
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
        path, create = "/v1/completions", self.create
        # An editor asks while somebody types.
        return [
            Operation("POST", path, create, gives, "chat", FAILURES, streams, limit="calls"),
        ]

    async def create(self, request: Request, asked: CompletionsBody) -> Response:
        """A text continued, or the gap between it and a suffix filled in; no documents, no chat
        template."""
        asking = caller(request)
        read = text_request(asked, asking.key)
        completing = self.completing.within(asking.models)
        events = metering.text(request, completing, read.draft)
        if not read.stream:
            begun, *written = await collected(request, events)
            answer = _answer(read, begun)
            # A hundred texts with their tokens take tens of milliseconds.
            content = await anyio.to_thread.run_sync(_content, answer, written)
            return Response(content, media_type="application/json", headers=answer.headers)
        # Awaited here, so that the headers can tell what it says.
        answer = _answer(read, await anext(events))
        return EventStream(answer.frames(events), answer.headers)


def _content(answer: TextAnswer, written: Sequence[DraftEvent]) -> str:
    """A TextCompletion as JSON; choice by choice, for json keeps every other thread waiting until
    it is done."""
    whole = answer.whole(written)
    choices = ",".join(map(json.dumps, whole["choices"]))
    rest = {name: value for name, value in whole.items() if name != "choices"}
    return f'{{"choices": [{choices}], {json.dumps(rest)[1:]}'


def _answer(read: TextRequest, begun: DraftEvent) -> TextAnswer:
    assert isinstance(begun, Begun)
    return TextAnswer(read, f"cmpl-{uuid4().hex}", int(time.time()), begun)
