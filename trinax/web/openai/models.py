"""The list of models, as OpenAI-shaped clients read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.answering.routing.route import AUTO
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo, ModelKind
from trinax.web.declaring.operation import Operation, caller

AUTO_ROLES = ("fast", "coder", "general", "deep")
OWNER = "trinax"
# Roo offers only models with "tools".
CAPABILITIES: Mapping[ModelKind, list[str]] = {
    "generate": ["completion", "chat", "tools"],
    "extract": ["chat"],
    "embed": ["embedding"],
    "rank": ["rerank"],
}


class ModelMeta(TypedDict):
    """What llama-server says of a model. n_ctx: tokens that one conversation may take."""

    n_ctx: int | None
    n_params: int
    size: int


class ListedModel(TypedDict):
    """The length of the context stands at three places, for no two clients look at the same one.
    problem: why the model cannot be used, where it cannot."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    kind: ModelKind
    roles: list[str]
    capabilities: list[str]
    context_length: int | None
    max_model_len: int | None
    meta: ModelMeta
    size_bytes: int
    quantisation: str | None
    problem: NotRequired[str]


class ModelList(TypedDict):
    object: Literal["list"]
    data: list[ListedModel]


@dataclass(frozen=True, slots=True)
class Models:
    pool: Pool

    def operations(self) -> list[Operation]:
        missing = (errors.ModelNotFound,)
        return [
            Operation("GET", "/v1/models", self.models, ModelList, "chat"),
            Operation("GET", "/v1/models/{id:path}", self.model, ListedModel, "chat", missing),
        ]

    async def models(self, request: Request) -> Response:
        """The models that can be asked, "auto" first."""
        # Clients offer whatever is listed; a broken file is told by `trinax models list` and by id.
        usable = [info for info in await self._infos(request) if not info.problem]
        body: ModelList = {"object": "list", "data": list(map(listed, usable))}
        return JSONResponse(body)

    async def model(self, request: Request) -> Response:
        """One model, with what is wrong with it if it cannot be used."""
        model_id = request.path_params["id"]
        for info in await self._infos(request):
            if info.id == model_id:
                return JSONResponse(listed(info))
        raise errors.ModelNotFound(model_id)

    async def _infos(self, request: Request) -> list[ModelInfo]:
        pool = self.pool.within(caller(request).models)
        return await anyio.to_thread.run_sync(offered, pool)


def offered(pool: Pool) -> list[ModelInfo]:
    """What can be named, "auto" first."""
    return [auto(pool.candidates()), *pool.infos()]


def auto(candidates: Sequence[ModelInfo]) -> ModelInfo:
    """Whichever model is chosen: what all of them have room for."""
    writing = [info for info in candidates if info.kind == "generate" and not info.problem]
    limits = [info.context_tokens for info in writing if info.fits and info.context_tokens]
    kind: ModelKind = "generate" if writing else "extract"
    return ModelInfo(AUTO, kind, roles=AUTO_ROLES, context_tokens=min(limits, default=None))


def listed(info: ModelInfo) -> ListedModel:
    shown: ListedModel = {
        "id": info.id,
        "object": "model",
        "created": info.created_s,
        "owned_by": OWNER,
        "kind": info.kind,
        "roles": list(info.roles),
        "capabilities": CAPABILITIES[info.kind],
        "context_length": info.context_tokens,
        "max_model_len": info.context_tokens,
        "meta": {
            "n_ctx": info.context_tokens,
            "n_params": info.parameters,
            "size": info.size_bytes,
        },
        "size_bytes": info.size_bytes,
        "quantisation": info.quantisation or None,
    }
    if info.problem:
        shown["problem"] = info.problem
    return shown
