"""Conversations and prompts of Ollama's clients."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.access.policy import Caller
from trinax.answering.chat import Chat
from trinax.answering.completing import Begun, Completing, Draft
from trinax.answering.records import Ask, Started
from trinax.models.pool import Pool
from trinax.web import metering
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.ollama import answers
from trinax.web.ollama.answers import Said, Shape
from trinax.web.ollama.bodies import (
    OllamaChatBody,
    OllamaGenerateBody,
    OllamaWriting,
    by_ollamas_names,
)
from trinax.web.ollama.conversation import chat_ask, draft, generate_ask
from trinax.web.ollama.keeping import kept
from trinax.web.ollama.models import named
from trinax.web.openai.chat import WRITING_FAILURES
from trinax.web.wire import headers
from trinax.web.wire.errors import OllamaError, ollama_error
from trinax.web.wire.sse import LineStream, collected, line

E = TypeVar("E")


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
        converse, write, raises = self.converse, self.generate, WRITING_FAILURES
        return [
            Operation("POST", "/api/chat", converse, chat, "chat", raises, chats),
            Operation("POST", "/api/generate", write, generate, "chat", raises, generates),
        ]

    async def converse(self, request: Request, asked: OllamaChatBody) -> Response:
        """The next message of a conversation, answered from the collections."""
        seen = self._within(caller(request))
        model, key = await seen._named(asked.model), caller(request).key
        if asked.messages:
            reply = await seen._grounded(request, asked, chat_ask(asked, model, key))
        else:
            reply = await seen._kept(asked, model)
        return await _answer(request, asked, reply, answers.chat_line)

    async def generate(self, request: Request, asked: OllamaGenerateBody) -> Response:
        """A prompt answered from the collections, or continued as it is."""
        seen = self._within(caller(request))
        model, key = await seen._named(asked.model), caller(request).key
        if not asked.prompt and not asked.suffix:
            reply = await seen._kept(asked, model)
        elif asked.is_draft:
            reply = await seen._drafted(request, asked, draft(asked, model, key))
        else:
            reply = await seen._grounded(request, asked, generate_ask(asked, model, key))
        return await _answer(request, asked, reply, answers.generate_line)

    def _within(self, asking: Caller) -> "OllamaWriter":
        """What it can reach."""
        return OllamaWriter(
            self.chat.within(asking.collections, asking.models),
            self.completing.within(asking.models),
            self.pool.within(asking.models),
        )

    async def _named(self, name: str) -> str:
        return named(name, await anyio.to_thread.run_sync(self.pool.infos))

    async def _grounded(self, request: Request, asked: OllamaWriting, ask: Ask) -> Reply:
        events = _named(metering.answer(request, self.chat, ask), asked.names)
        # Awaited here, so that the headers can tell what it says.
        started = await anext(events)
        assert isinstance(started, Started)
        said = answers.grounded(started, events, ask.question)
        return Reply(started.route.model, said, (*asked.ignored, *started.ignored))

    async def _drafted(self, request: Request, asked: OllamaWriting, draft: Draft) -> Reply:
        began_ns = perf_counter_ns()
        events = _named(metering.text(request, self.completing, draft), asked.names)
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


async def _named(events: AsyncGenerator[E], names: Mapping[str, str]) -> AsyncGenerator[E]:
    """A failure is of the field that was sent. names: ours → Ollama's."""
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except errors.UnsupportedParameter as exc:
            raise errors.UnsupportedParameter(names.get(exc.param, exc.param), exc.reason) from exc
        except errors.TrinaxError as exc:
            exc.param = names.get(exc.param or "", exc.param)
            raise


async def _answer(request: Request, asked: OllamaWriting, reply: Reply, shape: Shape) -> Response:
    shown = headers.ignored(by_ollamas_names(reply.ignored))
    if asked.stream:
        return OllamaStream(_lines(reply, shape), shown)
    whole = answers.merged(await collected(request, reply.said))
    return JSONResponse(shape(reply.model, whole), headers=shown)


async def _lines(reply: Reply, shape: Shape) -> AsyncGenerator[str]:
    async with aclosing(reply.said) as parts:
        async for said in parts:
            yield line(shape(reply.model, said))
