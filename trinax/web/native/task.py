"""Short work for tools (titles, tags, commit messages): OpenAI's shape on the smallest model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.answering.chat import Chat
from trinax.answering.records import Ask
from trinax.answering.routing.route import AUTO
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo
from trinax.web.declaring.operation import Operation, caller
from trinax.web.openai.chat import CHAT_STREAMS, WRITING_FAILURES, answered
from trinax.web.openai.chat_body import ChatBody, chat_request
from trinax.web.openai.chat_shapes import ChatCompletion
from trinax.web.openai.models import ModelList, listed


@dataclass(frozen=True, slots=True)
class Tasks:
    chat: Chat
    pool: Pool

    def operations(self) -> list[Operation]:
        path, gives = "/task/v1/chat/completions", ChatCompletion
        return [
            Operation("POST", path, self.complete, gives, "chat", WRITING_FAILURES, CHAT_STREAMS),
            Operation("GET", "/task/v1/models", self.models, ModelList, "chat"),
        ]

    async def complete(self, request: Request, asked: ChatBody) -> Response:
        """A short text for a tool. It waits while a conversation is answered, and looks nothing up
        unless collections or a web search are asked for."""
        read = chat_request(asked, caller(request).key)
        return await answered(self.chat, request, replace(read, ask=_task(read.ask)))

    async def models(self, request: Request) -> Response:
        """The models that can be asked for it: "auto", which is the smallest that suits, then the
        others by size."""
        pool = self.pool.within(caller(request).models)
        found = await anyio.to_thread.run_sync(suitable, pool)
        body: ModelList = {"object": "list", "data": list(map(listed, found))}
        return JSONResponse(body)


def suitable(pool: Pool) -> list[ModelInfo]:
    """What can be named, and before it "auto", which is the first of what it may be given."""
    first = _ordered(pool.candidates())[:1]
    auto = [
        ModelInfo(AUTO, info.kind, roles=("fast",), context_tokens=info.context_tokens)
        for info in first
    ]
    return [*auto, *_ordered(pool.infos())]


def _ordered(infos: Sequence[ModelInfo]) -> list[ModelInfo]:
    """Those that write, the model for fast work and the smallest first, then what quotes."""
    writing = [i for i in infos if i.kind == "generate" and not i.problem and i.fits]
    writing.sort(key=lambda info: ("fast" not in info.roles, info.parameters))
    quoting = [info for info in infos if info.kind == "extract"]
    return [*writing, *quoting]


def _task(ask: Ask) -> Ask:
    return replace(
        ask,
        purpose="task",
        turn=replace(ask.turn, lane="task"),
        collections=() if ask.collections is None else ask.collections,
    )
