"""Models brought into memory, and out of it, when a client asks for nothing else."""

from contextlib import aclosing
from typing import Any, Literal

import anyio.to_thread

from trinax.models.pool import WARM_UP, Pool
from trinax.models.ports import ModelInfo
from trinax.web.ollama.models import found, is_file

Kept = Literal["load", "unload"]


async def kept(pool: Pool, model: str, wants_unloading: bool) -> Kept:
    """What has happened to it, though one at work stays. Raises ModelNotFound, ModelFailed,
    Busy, InvalidRequest."""
    infos = await anyio.to_thread.run_sync(pool.infos)
    info = found(model, infos, await anyio.to_thread.run_sync(pool.candidates))
    if wants_unloading:
        await anyio.to_thread.run_sync(pool.release, model)
        return "unload"
    if is_file(info):
        await _loaded(pool, info)
    return "load"


async def _loaded(pool: Pool, info: ModelInfo) -> None:
    if info.kind == "embed":
        embedder = await anyio.to_thread.run_sync(pool.embedder, info.id)
        await anyio.to_thread.run_sync(embedder.queries, ["Hi"])
        return
    generator = await anyio.to_thread.run_sync(pool.get, info.id)
    events: Any = generator.generate(WARM_UP)
    async with aclosing(events):
        async for _ in events:
            pass
