"""Several streams as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

import anyio

Item = TypeVar("Item")


async def merged(streams: Sequence[AsyncGenerator[Item]], limit: int) -> AsyncGenerator[Item]:
    """Their items as they come; the first `limit` streams run at once, and each that ends lets in
    the next. Closing it, and a failure of one, closes all."""
    if len(streams) == 1:  # a task for each item costs more than the item
        async with aclosing(streams[0]) as items:
            async for item in items:
                yield item
        return
    waiting = list(reversed(streams))
    running: dict[asyncio.Task[Item | None], AsyncGenerator[Item]] = {}
    try:
        while running or waiting:
            while waiting and len(running) < limit:
                _run_on(waiting.pop(), running)
            arrived, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in arrived:
                stream = running.pop(task)
                one = task.result()
                if one is not None:
                    _run_on(stream, running)
                    yield one
    finally:
        await _stopped(running)


def _run_on(
    stream: AsyncGenerator[Item], running: dict[asyncio.Task[Item | None], AsyncGenerator[Item]]
) -> None:
    running[asyncio.create_task(_next(stream))] = stream


async def _next(stream: AsyncGenerator[Item]) -> Item | None:
    return await anext(stream, None)


async def _stopped(
    running: dict[asyncio.Task[Item | None], AsyncGenerator[Item]],
) -> None:
    for task in running:
        task.cancel()
    with anyio.CancelScope(shield=True):
        await asyncio.gather(*running, return_exceptions=True)
        for stream in running.values():
            await stream.aclose()
