"""Archives that are sent while they are made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response, StreamingResponse

TAR = "application/x-tar"


async def sent(parts: AsyncGenerator[bytes], name: str) -> Response:
    """A tar archive that is saved as `name`; parts: at least one. What fails before the first is
    raised here, so that it has its own status."""
    first = await anext(parts)

    async def stream() -> AsyncGenerator[bytes]:
        async with aclosing(parts):
            yield first
            async for part in parts:
                yield part

    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(stream(), headers=headers, media_type=TAR)
