"""The models of the native API, and how long their queues are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax.models.pool import Pool
from trinax.models.ports import Load, ModelInfo, ModelKind
from trinax.settings import Models
from trinax.web.admission import visit
from trinax.web.declaring.operation import Operation, caller
from trinax.web.native.allowance import NativePlan, left
from trinax.web.openai.models import CAPABILITIES, offered

WRITING: tuple[ModelKind, ...] = ("generate", "extract")


class NativeModel(TypedDict):
    """tier: "paid" where an upstream's configuration says so. context_length: tokens of prompt and
    answer together, null where there is no limit or it is unknown."""

    id: str
    tier: Literal["free", "paid"]
    kind: ModelKind
    context_length: int | None
    roles: list[str]
    capabilities: list[str]


class NativeModels(TypedDict):
    models: list[NativeModel]


class NativeQueue(TypedDict):
    """capacity: answers written at once, 0 for no limit. estimated_wait_s: of a new request.
    position: where the caller's first waiting request stands, from 1; null where none waits."""

    model: str
    running: int
    waiting: int
    capacity: int
    estimated_wait_s: float
    position: int | None


class NativeQueues(TypedDict):
    """plan: of the API key that asks; null without one."""

    models: list[NativeQueue]
    plan: NativePlan | None


@dataclass(frozen=True, slots=True)
class NativeCatalogue:
    pool: Pool
    settings: Models

    def operations(self) -> list[Operation]:
        status = "/api/v1/queue-status"
        return [
            Operation("GET", "/api/v1/models", self.models, NativeModels, "chat"),
            Operation("GET", status, self.queue_status, NativeQueues, "chat"),
        ]

    async def models(self, request: Request) -> Response:
        """The models that can be asked, "auto" first."""
        pool = self.pool.within(caller(request).models)
        infos = await anyio.to_thread.run_sync(offered, pool)
        usable = [info for info in infos if not info.problem]
        body: NativeModels = {"models": list(map(_listed, usable))}
        return JSONResponse(body)

    async def queue_status(self, request: Request) -> Response:
        """How busy each model that answers is, without waiting for any, and what is left of the
        plan of the key that asks."""
        key, pool = caller(request).key, self.pool.within(caller(request).models)
        loads = await anyio.to_thread.run_sync(lambda: list(self._loads(pool)))
        plan = await anyio.to_thread.run_sync(left, visit(request))
        body: NativeQueues = {"models": [_queue(load, key) for load in loads], "plan": plan}
        return JSONResponse(body)

    def _loads(self, pool: Pool) -> Iterator[Load]:
        """Of models that nobody has asked yet too."""
        known = {load.model: load for load in pool.loads()}
        for info in pool.infos():
            if info.kind in WRITING and not info.problem:
                yield known.get(info.id) or Load(info.id, 0, 0, self.settings.slots, 0.0)


def _listed(info: ModelInfo) -> NativeModel:
    return {
        "id": info.id,
        "tier": "paid" if info.paid else "free",
        "kind": info.kind,
        "context_length": info.context_tokens,
        "roles": list(info.roles),
        "capabilities": list(CAPABILITIES[info.kind]),
    }


def _queue(load: Load, key: str) -> NativeQueue:
    return {
        "model": load.model,
        "running": load.running,
        "waiting": load.waiting,
        "capacity": load.capacity,
        "estimated_wait_s": round(load.wait_s, 1),
        "position": load.places.get(key),
    }
