"""Every request, measured from its head to its last byte, and told to the log."""

import logging
import time
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Exposition
from trinax.web.wire.errors import FAILED

# Names no private file: it says the route, not the path.
log = logging.getLogger("trinax.requests")

UNROUTED = "unrouted"
# As nginx has it: the client went away before an answer began.
GONE = 499
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measures:
    """Counts a request at its end, whatever the end was."""

    def __init__(self, app: ASGIApp, counted: Exposition, logged: bool) -> None:
        """logged: whether the log has a line for each."""
        self.app = app
        self.counted = counted
        self.logged = logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began_s = time.perf_counter()
        status = GONE

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self.app(scope, receive, watched)
        finally:
            self._ended(scope, status, time.perf_counter() - began_s)

    def _ended(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = scope.get("route")
        path = route.path_format if isinstance(route, Route) else UNROUTED
        self.counted.add(catalogue.REQUESTS, method, path, str(status))
        self.counted.observe(catalogue.REQUEST_SECONDS, path, seconds=took_s)
        code = scope.get(FAILED)
        if code:
            self.counted.add(catalogue.FAILURES, code)
        if self.logged:
            _log(method, path, status, took_s, code)


def _log(method: str, route: str, status: int, took_s: float, code: str | None) -> None:
    fields: dict[str, Any] = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(1000 * took_s, 1),
    }
    if code:
        fields["code"] = code
    said = f"{method} {route} {status} in {fields['duration_ms']:g} ms"
    log.info(said + (f": {code}" if code else ""), extra={"fields": fields})
