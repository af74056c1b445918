"""Conversations and prompts of Ollama's clients."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter_ns

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.answering.chat import Chat
from trinax.answering.completing import Begun, Completing, Draft
from trinax.answering.records import Ask, Started
from trinax.models.pool import Pool
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.ollama import answers
from trinax.web.ollama.answers import Said, Shape
from trinax.web.ollama.bodies import (
    NAMES,
    OllamaChatBody,
    OllamaGenerateBody,
    OllamaWriting,
    headers,
)
from trinax.web.ollama.conversation import chat_ask, draft, generate_ask
from trinax.web.ollama.keeping import kept
from trinax.web.ollama.models import named
from trinax.web.wire.errors import OllamaError, ollama_error
from trinax.web.wire.sse import LineStream, collected, line

WRITING = (
    errors.UnsupportedParameter,
    errors.WebSearchOff,
    errors.ContextLengthExceeded,
    errors.NoGenerativeModel,
    errors.CollectionNotFound,
    errors.ModelNotFound,
    errors.Busy,
    errors.StoreFailed,
    errors.ModelFailed,
    errors.UpstreamFailed,
    errors.WebSearchFailed,
    errors.TimedOut,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """said: in the order of the lines. ignored: what was sent and has no effect."""

    model: str
    said: AsyncGenerator[Said]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OllamaWriter:
    chat: Chat
    completing: Completing
    pool: Pool

    def operations(self) -> list[Operation]:
        chat, generate = answers.OllamaChatAnswer, answers.OllamaGenerateAnswer
        chats = Streams("application/x-ndjson", chat | OllamaError)
        generates = Streams("application/x-ndjson", generate | OllamaError)
        converse = self.converse
        return [
            Operation("POST", "/api/chat", converse, chat, "chat", WRITING, chats),
            Operation("POST", "/api/generate", self.generate, generate, "chat", WRITING, generates),
        ]

    async def converse(self, request: Request, asked: OllamaChatBody) -> Response:
        """The next message of a conversation, answered from the collections."""
        model = await self._named(asked.model)
        if asked.messages:
            reply = await self._grounded(asked, chat_ask(asked, model, caller(request).key))
        else:
            reply = await self._kept(asked, model)
        return await _answer(request, asked, reply, answers.chat_line)

    async def generate(self, request: Request, asked: OllamaGenerateBody) -> Response:
        """A prompt answered from the collections, or continued as it is."""
        model = await self._named(asked.model)
        if not asked.prompt and not asked.suffix:
            reply = await self._kept(asked, model)
        elif asked.is_draft:
            reply = await self._drafted(asked, draft(asked, model, caller(request).key))
        else:
            reply = await self._grounded(asked, generate_ask(asked, model, caller(request).key))
        return await _answer(request, asked, reply, answers.generate_line)

    async def _named(self, name: str) -> str:
        return named(name, await anyio.to_thread.run_sync(self.pool.infos))

    async def _grounded(self, asked: OllamaWriting, ask: Ask) -> Reply:
        events = self.chat.answer(ask)
        # Awaited here, so that the headers can tell what it says.
        try:
            started = await anext(events)
        except errors.UnsupportedParameter as exc:
            raise errors.UnsupportedParameter(NAMES.get(exc.param, exc.param), exc.reason) from exc
        assert isinstance(started, Started)
        said = answers.grounded(started, events, ask.question)
        return Reply(started.route.model, said, (*asked.ignored, *started.ignored))

    async def _drafted(self, asked: OllamaWriting, draft: Draft) -> Reply:
        began_ns = perf_counter_ns()
        events = self.completing.write(draft)
        begun = await anext(events)
        assert isinstance(begun, Begun)
        said = answers.drafted(events, began_ns)
        return Reply(begun.model, said, (*asked.ignored, *begun.ignored))

    async def _kept(self, asked: OllamaWriting, model: str) -> Reply:
        reason = await kept(self.pool, model, asked.wants_unloading)
        return Reply(model, answers.only_told({"done_reason": reason}), asked.ignored)


class OllamaStream(LineStream):
    """Lines that end with an error as Ollama's clients read it, where there was one."""

    def last_words(self, failure: Exception) -> str:
        return line(ollama_error(failure))


async def _answer(request: Request, asked: OllamaWriting, reply: Reply, shape: Shape) -> Response:
    shown = headers(reply.ignored)
    if asked.stream:
        return OllamaStream(_lines(reply, shape), shown)
    whole = answers.merged(await collected(request, reply.said))
    return JSONResponse(shape(reply.model, whole), headers=shown)


async def _lines(reply: Reply, shape: Shape) -> AsyncGenerator[str]:
    async with aclosing(reply.said) as parts:
        async for said in parts:
            yield line(shape(reply.model, said))
