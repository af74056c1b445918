"""A value as events: now, and whenever it has become another."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping

from starlette.requests import Request

from trinax.web.collections.shapes import Following
from trinax.web.wire import sse

LOOK_S = 0.2


def wanted(request: Request, asked: Following) -> bool:
    """Whether the client asks for events in place of one answer."""
    return asked.stream or "text/event-stream" in request.headers.get("accept", "")


async def followed(look: Callable[[], Mapping[str, object]]) -> AsyncGenerator[str]:
    """Frames without an end. Raises what looking raises."""
    last: Mapping[str, object] | None = None
    while True:
        now = look()
        if now != last:
            last = now
            yield sse.frame(now)
        await asyncio.sleep(LOOK_S)
