"""Every request in the audit log that belongs there."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.access.audit import AuditLog, Event
from trinax.access.policy import Caller
from trinax.settings import Audit
from trinax.web.middleware import CALLER, PERMISSION

# scope key → what the route's body or query names, as it was read.
ASKED = "trinax.asked"
GUARDED = frozenset({"admin", "browse", "ingest", "research"})
REFUSALS = frozenset({401, 403, 429})
# What a client calls a collection may be anything.
ID = re.compile(r"[a-z0-9_-]{1,48}")
NO_ID = "?"
MOST_COLLECTIONS = 50
COLLECTION_ROUTES = ("/v1/collections", "/v1/vector_stores")


@dataclass(frozen=True, slots=True)
class Audits:
    """Notes a request at its end, whatever the end was."""

    app: ASGIApp
    log: AuditLog
    settings: Audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.settings.requests == "off":
            return await self.app(scope, receive, send)
        at, began_s = datetime.now(UTC), time.monotonic()
        status: int | None = None

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self.app(scope, receive, watched)
        finally:
            if self._belongs(scope, status):
                duration_ms = round((time.monotonic() - began_s) * 1000)
                self.log.note(_event(scope, at, status, duration_ms))

    def _belongs(self, scope: Scope, status: int | None) -> bool:
        every = self.settings.requests == "all"
        return every or status in REFUSALS or scope.get(PERMISSION) in GUARDED


def _event(scope: Scope, at: datetime, status: int | None, duration_ms: int) -> Event:
    asking: Caller | None = scope.get(CALLER)
    asked = scope.get(ASKED)
    route = scope["route"] if isinstance(scope.get("route"), Route) else _matching(scope)
    return Event(
        at=at.isoformat(timespec="milliseconds"),
        request=scope["state"]["request_id"],
        key=asking.id if asking else "",
        name=asking.name if asking else "",
        place=asking.place if asking else "",
        address=asking.address if asking else _peer(scope),
        operation=":".join(filter(None, [route.name, getattr(asked, "tool", "")])) if route else "",
        method=scope["method"] if route else "",
        route=route.path_format if route else "",
        collections=_ids(_named(scope, route.path_format if route else "")),
        status=status,
        duration_ms=duration_ms,
    )


def _matching(scope: Scope) -> Route | None:
    """For what was refused on the way to its route."""
    for route in scope["app"].routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            return route
    return None


def _peer(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _named(scope: Scope, route: str) -> Iterator[Any]:
    """The collections that path and body name."""
    in_path, asked = scope.get("path_params", {}), scope.get(ASKED)
    if "collection" in in_path:
        yield in_path["collection"]
    if route.startswith(COLLECTION_ROUTES):
        yield in_path.get("id")
        yield getattr(asked, "id", None)
    yield getattr(asked, "collection", None)
    yield from getattr(asked, "collections", None) or ()


def _ids(named: Iterable[Any]) -> tuple[str, ...]:
    found = {name if ID.fullmatch(name) else NO_ID for name in named if isinstance(name, str)}
    return tuple(sorted(found)[:MOST_COLLECTIONS])
