"""The OpenAI-shaped surface: grounded chat and the list of models."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.answering.chat import Chat
from trinax.answering.records import Delta, Done, Event, Started
from trinax.errors import ModelNotFound
from trinax.models.pool import Pool
from trinax.models.ports import Finish, ModelInfo
from trinax.web import rendering
from trinax.web.bodies import json_object
from trinax.web.chat_body import ChatRequest, chat_request
from trinax.web.rendering import Json
from trinax.web.sse import DONE, EventStream, collected, frame

AUTO = ModelInfo("auto", "generate", roles=("fast", "coder", "general", "deep"))
OWNER = "trinax"
CAPABILITIES = {"generate": ["completion", "chat"], "extract": ["chat"], "embed": ["embedding"]}


@dataclass(frozen=True, slots=True)
class OpenAI:
    chat: Chat
    pool: Pool
    body_limit_bytes: int

    async def chat_completions(self, request: Request) -> Response:
        asked = chat_request(await json_object(request, self.body_limit_bytes))
        answer = Answer(asked, f"chatcmpl-{uuid4().hex}", int(time.time()))
        events = self.chat.answer(asked.ask)
        if not asked.stream:
            return answer.whole(await collected(request, events))
        # Awaited here, so that the headers can tell what it says.
        started = await anext(events)
        assert isinstance(started, Started)
        return EventStream(answer.frames(started, events), answer.headers(started))

    async def models(self, request: Request) -> Response:
        # Clients offer whatever is listed; a broken file is told by `trinax models list` and by id.
        usable = [info for info in await self._infos() if not info.problem]
        return JSONResponse({"object": "list", "data": list(map(_model, usable))})

    async def model(self, request: Request) -> Response:
        model_id = request.path_params["id"]
        for info in await self._infos():
            if info.id == model_id:
                return JSONResponse(_model(info))
        raise ModelNotFound(model_id)

    async def _infos(self) -> list[ModelInfo]:
        return [AUTO, *await anyio.to_thread.run_sync(self.pool.infos)]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in OpenAI's shapes."""

    asked: ChatRequest
    id: str
    created: int

    def headers(self, started: Started) -> dict[str, str]:
        ignored = dict.fromkeys((*self.asked.ignored, *started.ignored))
        return {"x-trinax-ignored": ", ".join(ignored)} if ignored else {}

    def whole(self, events: Sequence[Event]) -> JSONResponse:
        """A chat.completion of all events."""
        started, done = events[0], events[-1]
        assert isinstance(started, Started)
        assert isinstance(done, Done)
        texts = ["" for _ in done.finishes]
        for event in events:
            if isinstance(event, Delta):
                texts[event.choice] += event.text
        body = {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": started.route.model,
            "choices": [_choice(finish, texts[finish.choice]) for finish in _in_order(done)],
            "usage": _usage(done),
            "trinaxai": {
                "model": started.route.model,
                "project": None,
                "sources": self._sources(started),
                **_said(started, done),
            },
        }
        return JSONResponse(body, headers=self.headers(started))

    async def frames(self, started: Started, events: AsyncGenerator[Event]) -> AsyncGenerator[str]:
        """The stream, from the first role to [DONE]; events: what follows `started`."""
        async with aclosing(events):
            first = True
            async for event in events:
                if first:
                    for choice in range(self.asked.ask.sampling.n):
                        opening = {"role": "assistant", "content": ""}
                        yield self._frame(started, [_delta(choice, opening)])
                    first = False
                if isinstance(event, Delta):
                    yield self._frame(started, [_delta(event.choice, {"content": event.text})])
                elif isinstance(event, Done):
                    for text in self._end(started, event):
                        yield text
        yield DONE

    def _end(self, started: Started, done: Done) -> list[str]:
        """Each choice's finish, then what trinax says about the answer."""
        finishes = [
            self._frame(started, [_delta(finish.choice, {}, finish)]) for finish in _in_order(done)
        ]
        extra: Json = {
            "trinaxai_sources": self._sources(started),
            "trinaxai": _said(started, done),
        }
        if self.asked.include_usage:
            extra["usage"] = _usage(done)
        return [*finishes, self._frame(started, [], extra)]

    def _frame(self, started: Started, choices: list[Json], extra: Json | None = None) -> str:
        chunk: Json = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": started.route.model,
            "choices": choices,
        }
        if self.asked.include_usage:
            chunk["usage"] = None
        return frame({**chunk, **(extra or {})})

    def _sources(self, started: Started) -> list[Json]:
        question = self.asked.ask.messages[-1].content
        return [rendering.source(source, question) for source in started.sources]


def _said(started: Started, done: Done) -> Json:
    return {
        "route": rendering.route(started.route),
        "grounding": rendering.grounding(done.grounding),
        "timing": rendering.timing(done.timing_ms),
    }


def _choice(finish: Finish, text: str) -> Json:
    return {
        "index": finish.choice,
        "message": {"role": "assistant", "content": text, "refusal": None},
        "logprobs": None,
        "finish_reason": finish.reason,
    }


def _delta(choice: int, delta: Json, finish: Finish | None = None) -> Json:
    reason = finish.reason if finish else None
    return {"index": choice, "delta": delta, "logprobs": None, "finish_reason": reason}


def _in_order(done: Done) -> list[Finish]:
    return sorted(done.finishes, key=lambda finish: finish.choice)


def _usage(done: Done) -> Json:
    # Every choice has the same prompt, which is read once.
    prompt = max((finish.prompt_tokens for finish in done.finishes), default=0)
    written = sum(finish.completion_tokens for finish in done.finishes)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }


def _model(info: ModelInfo) -> Json:
    shown: Json = {
        "id": info.id,
        "object": "model",
        "created": info.created_s,
        "owned_by": OWNER,
        "kind": info.kind,
        "roles": list(info.roles),
        "capabilities": CAPABILITIES[info.kind],
        "context_length": info.context_tokens,
        "size_bytes": info.size_bytes,
        "quantisation": info.quantisation or None,
    }
    if info.problem:
        shown["problem"] = info.problem
    return shown
