import asyncio
from collections.abc import AsyncGenerator

import pytest

from trinax.answering.streams import merged


class Stream:
    """Gives its items when they are let go, and knows whether it was closed."""

    def __init__(self, *items: str) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self.closed = False
        self._items = items

    async def run(self) -> AsyncGenerator[str]:
        self.begun.set()
        try:
            await self.go.wait()
            for item in self._items:
                yield item
            if not self._items:
                raise LookupError
        finally:
            self.closed = True


async def test_items_come_as_they_are_ready() -> None:
    slow, fast = Stream("a", "b"), Stream("c")
    items = merged([slow.run(), fast.run()], 2)
    fast.go.set()
    assert await anext(items) == "c"
    slow.go.set()
    assert [item async for item in items] == ["a", "b"]


async def test_no_more_run_at_once_than_may() -> None:
    first, second, third = streams = Stream("a"), Stream("b"), Stream("c")
    items = merged([stream.run() for stream in streams], 2)
    second.go.set()
    assert await anext(items) == "b"
    assert not third.begun.is_set()
    first.go.set()
    third.go.set()
    assert [item async for item in items] == ["a", "c"]


@pytest.mark.parametrize("number", [1, 3])
async def test_closing_closes_all(number: int) -> None:
    streams = [Stream("a", "b") for _ in range(number)]
    for stream in streams:
        stream.go.set()
    items = merged([stream.run() for stream in streams], number)
    await anext(items)
    await items.aclose()
    assert all(stream.closed for stream in streams)


async def test_a_failure_of_one_ends_all() -> None:
    broken, other = Stream(), Stream("a")
    broken.go.set()
    with pytest.raises(LookupError):
        await anext(merged([broken.run(), other.run()], 2))
    assert other.closed


async def test_being_cancelled_closes_all() -> None:
    streams = [Stream("a"), Stream("b")]
    reading = asyncio.create_task(anext(merged([stream.run() for stream in streams], 2)))
    for stream in streams:
        await stream.begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert all(stream.closed for stream in streams)
