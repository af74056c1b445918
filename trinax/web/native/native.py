"""trinax's own API."""

from dataclasses import asdict, dataclass
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.models.pool import Pool
from trinax.web.declaring.operation import Operation
from trinax.web.wire.rendering import Json


@dataclass(frozen=True, slots=True)
class Native:
    pool: Pool

    def operations(self) -> list[Operation]:
        status = self.queue_status
        return [Operation("GET", "/api/v1/queue-status", status, dict[str, Any], "chat")]

    async def queue_status(self, request: Request) -> Response:
        """How busy each model is, without waiting for any."""
        loads = await anyio.to_thread.run_sync(self.pool.loads)
        models: list[Json] = [asdict(load) for load in loads]
        for model in models:
            model["estimated_wait_s"] = round(model.pop("wait_s"), 1)
        return JSONResponse({"models": models})
