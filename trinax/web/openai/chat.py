"""Grounded chat in OpenAI's shape."""

import time
from dataclasses import dataclass
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from trinax import errors
from trinax.answering.chat import Chat
from trinax.answering.records import Started
from trinax.errors import TrinaxError
from trinax.web import metering
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.openai.chat_body import ChatBody, ChatRequest, chat_request
from trinax.web.openai.chat_shapes import ChatChunk, ChatCompletion
from trinax.web.openai.completion import Completion
from trinax.web.wire.errors import ErrorEnvelope
from trinax.web.wire.sse import EventStream, collected

# What an answer from the collections can fail with, whatever its shape.
ANSWER_FAILURES: tuple[type[TrinaxError], ...] = (
    errors.UnsupportedParameter,
    errors.WebSearchOff,
    errors.ContextLengthExceeded,
    errors.AttachmentRefused,
    errors.ModelNotFound,
    errors.CollectionNotFound,
    errors.Busy,
    errors.StoreFailed,
    errors.ModelFailed,
    errors.UpstreamFailed,
    errors.WebSearchFailed,
    errors.TimedOut,
)
# And where only a model that writes will do.
WRITING_FAILURES = (*ANSWER_FAILURES, errors.NoGenerativeModel)
CHAT_STREAMS = Streams("text/event-stream", ChatChunk | ErrorEnvelope, "[DONE]")


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    chat: Chat

    def operations(self) -> list[Operation]:
        path, gives = "/v1/chat/completions", ChatCompletion
        return [Operation("POST", path, self.create, gives, "chat", ANSWER_FAILURES, CHAT_STREAMS)]

    async def create(self, request: Request, asked: ChatBody) -> Response:
        """An answer from the collections that cites what it is taken from."""
        return await answered(self.chat, request, chat_request(asked, caller(request).key))


async def answered(chat: Chat, request: Request, read: ChatRequest) -> Response:
    """The answer to a chat request, whole or as a stream."""
    answer = Completion(read, f"chatcmpl-{uuid4().hex}", int(time.time()))
    asking = caller(request)
    own = chat.within(asking.collections, asking.models)
    events = metering.answer(request, own, read.ask)
    if not read.stream:
        told = await collected(request, events)
        return await anyio.to_thread.run_sync(answer.whole, told)
    # Awaited here, so that the headers can tell what it says.
    started = await anext(events)
    assert isinstance(started, Started)
    return EventStream(answer.frames(started, events), answer.headers(started))
