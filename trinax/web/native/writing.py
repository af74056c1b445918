"""Conversations and prompts of the native API's clients."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.answering.chat import Chat
from trinax.answering.completing import Begun, Completing, Draft
from trinax.answering.records import Ask, Started
from trinax.web import metering
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.native import answers
from trinax.web.native.answers import Line
from trinax.web.native.bodies import (
    NativeChatBody,
    NativeGenerateBody,
    chat_ask,
    draft,
    prompt_ask,
)
from trinax.web.openai.chat import ANSWER_FAILURES, WRITING_FAILURES
from trinax.web.wire import headers
from trinax.web.wire.errors import ErrorEnvelope
from trinax.web.wire.sse import LineStream, collected, line

STREAMS = Streams("application/x-ndjson", Line | ErrorEnvelope)


@dataclass(frozen=True, slots=True)
class Reply:
    """ignored: what was sent and has no effect."""

    lines: AsyncGenerator[Line]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NativeWriter:
    chat: Chat
    completing: Completing

    def operations(self) -> list[Operation]:
        chat, text = answers.NativeChatAnswer, answers.NativeTextAnswer
        raises = WRITING_FAILURES
        converse, generate = self.converse, self.generate
        return [
            Operation("POST", "/api/v1/chat", converse, chat, "chat", ANSWER_FAILURES, STREAMS),
            Operation("POST", "/api/v1/generate", generate, text, "chat", raises, STREAMS),
        ]

    async def converse(self, request: Request, asked: NativeChatBody) -> Response:
        """The next message of a conversation, answered from the collections."""
        ask = chat_ask(asked, caller(request).key)
        reply = await self._grounded(request, ask, asked.ignored)
        return await _answer(request, reply, asked.stream, answers.chat_answer)

    async def generate(self, request: Request, asked: NativeGenerateBody) -> Response:
        """A prompt answered from the collections, or continued as it is."""
        key = caller(request).key
        if asked.is_draft:
            reply = await self._drafted(request, draft(asked, key), asked.ignored)
        else:
            reply = await self._prompted(request, prompt_ask(asked, key), asked.ignored)
        return await _answer(request, reply, asked.stream, answers.text_answer)

    async def _prompted(self, request: Request, ask: Ask, ignored: tuple[str, ...]) -> Reply:
        """A failure is of the field that was sent: there are no messages here."""
        try:
            return await self._grounded(request, ask, ignored)
        except errors.ContextLengthExceeded as exc:
            exc.param = "prompt"
            raise

    async def _grounded(self, request: Request, ask: Ask, ignored: tuple[str, ...]) -> Reply:
        asking = caller(request)
        chat = self.chat.within(asking.collections, asking.models)
        events = metering.answer(request, chat, ask)
        # Awaited here, so that the headers can tell what it says.
        started = await anext(events)
        assert isinstance(started, Started)
        lines = answers.grounded(started, events, ask.question)
        return Reply(lines, (*ignored, *started.ignored))

    async def _drafted(self, request: Request, draft: Draft, ignored: tuple[str, ...]) -> Reply:
        completing = self.completing.within(caller(request).models)
        events = metering.text(request, completing, draft)
        begun = await anext(events)
        assert isinstance(begun, Begun)
        return Reply(answers.drafted(begun, events), (*ignored, *begun.ignored))


async def _answer(
    request: Request, reply: Reply, stream: bool, whole: Callable[[Sequence[Line]], Any]
) -> Response:
    shown = headers.ignored(reply.ignored)
    if stream:
        return LineStream(_lines(reply), shown)
    return JSONResponse(whole(await collected(request, reply.lines)), headers=shown)


async def _lines(reply: Reply) -> AsyncGenerator[str]:
    async with aclosing(reply.lines) as lines:
        async for each in lines:
            yield line(each)
