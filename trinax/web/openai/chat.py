"""The OpenAI-shaped surface: grounded chat and the list of models."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.access.policy import Caller
from trinax.answering.chat import Chat
from trinax.answering.records import Started
from trinax.answering.routing.route import AUTO
from trinax.errors import ModelNotFound
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo, ModelKind
from trinax.web.declaring.operation import Operation
from trinax.web.middleware import CALLER
from trinax.web.openai.chat_body import chat_request
from trinax.web.openai.completion import Completion
from trinax.web.wire.bodies import json_object
from trinax.web.wire.rendering import Json
from trinax.web.wire.sse import EventStream, collected

ROLES = ("fast", "coder", "general", "deep")
OWNER = "trinax"
# Roo offers only models with "tools".
CAPABILITIES: Mapping[ModelKind, list[str]] = {
    "generate": ["completion", "chat", "tools"],
    "extract": ["chat"],
    "embed": ["embedding"],
    "rank": ["rerank"],
}


@dataclass(frozen=True, slots=True)
class OpenAI:
    chat: Chat
    pool: Pool
    body_limit_bytes: int

    def operations(self) -> list[Operation]:
        chat = self.chat_completions
        return [
            Operation("POST", "/v1/chat/completions", chat, dict[str, Any], "chat"),
            Operation("GET", "/v1/models", self.models, dict[str, Any], "chat"),
            Operation("GET", "/v1/models/{id:path}", self.model, dict[str, Any], "chat"),
        ]

    async def chat_completions(self, request: Request) -> Response:
        caller: Caller = request.scope[CALLER]
        asked = chat_request(await json_object(request, self.body_limit_bytes), caller.key)
        answer = Completion(asked, f"chatcmpl-{uuid4().hex}", int(time.time()))
        events = self.chat.answer(asked.ask)
        if not asked.stream:
            told = await collected(request, events)
            return await anyio.to_thread.run_sync(answer.whole, told)
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
        installed = await anyio.to_thread.run_sync(self.pool.infos)
        writes = any(info.kind == "generate" and not info.problem for info in installed)
        auto = ModelInfo(AUTO, "generate" if writes else "extract", roles=ROLES)
        return [auto, *installed]


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
