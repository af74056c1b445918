"""The Starlette application from its surfaces."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from trinax.settings import Settings
from trinax.web.middleware import Cors, Credentials, Failures, HostCheck, RequestId
from trinax.web.wire import errors

Running = Callable[[], AbstractAsyncContextManager[list[BaseRoute]]]


def server(settings: Settings, running: Running) -> Starlette:
    """running: opens what the routes need for as long as the server runs, and gives the routes."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running() as routes:
            app.router.routes[:] = routes
            yield

    return Starlette(
        middleware=[
            Middleware(RequestId),
            Middleware(Cors, access=settings.access),
            Middleware(Failures),
            Middleware(HostCheck, server=settings.server),
            Middleware(Credentials, access=settings.access),
        ],
        exception_handlers={HTTPException: errors.from_starlette},
        lifespan=lifespan,
    )
