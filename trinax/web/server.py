"""The Starlette application from its surfaces."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from trinax.access.audit import FILE as AUDIT_FILE
from trinax.access.audit import AuditLog
from trinax.access.keyring import FILE, Keyring
from trinax.settings import Settings
from trinax.web.admission import Admission, Counts
from trinax.web.auditing import Audits
from trinax.web.control import Control
from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Exposition
from trinax.web.metrics.requests import Measures
from trinax.web.middleware import Cors, Credentials, Failures, HostCheck, RequestId
from trinax.web.stopping import Stoppable
from trinax.web.wire import errors

Running = Callable[[], AbstractAsyncContextManager[list[BaseRoute]]]


def server(settings: Settings, running: Running) -> Starlette:
    """running: opens what the routes need for as long as the server runs, and gives the routes.

    Its state has the Control as "control", and what requests are counted in as "counted". Raises
    BadSetting for an admin token that cannot be read.
    """

    keyring = Keyring(settings.data_dir / FILE)
    admission = Admission(settings)
    control = Control(settings, admission)
    counted = Exposition(catalogue.OF_REQUESTS)
    audit = AuditLog(settings.data_dir / AUDIT_FILE, settings.audit)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with closing(keyring), audit:
            async with running() as routes:
                app.router.routes[:] = routes
                yield

    app = Starlette(
        middleware=[
            Middleware(RequestId),
            Middleware(Measures, counted=counted, logged=settings.logs.requests),
            Middleware(Audits, log=audit, settings=settings.audit),
            Middleware(Cors, access=settings.access),
            Middleware(Failures),
            Middleware(Stoppable, stopping=control.stopping),
            Middleware(HostCheck, server=settings.server),
            Middleware(Credentials, access=control.access, keyring=keyring),
            Middleware(Counts, admission=admission),
        ],
        exception_handlers={HTTPException: errors.from_starlette},
        lifespan=lifespan,
    )
    app.state.control, app.state.counted = control, counted
    return app
