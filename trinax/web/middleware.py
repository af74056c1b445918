"""What every request passes, outermost first: RequestId, Cors, Failures, HostCheck, Credentials;
between them stand those of other modules, see server.py."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.access.keyring import Keyring
from trinax.access.origins import host_is_allowed, origin_is_allowed
from trinax.access.policy import Caller, caller, check
from trinax.access.policy import Scope as Permission
from trinax.access.trust import address_of_request, place_of_request
from trinax.errors import Forbidden, InvalidRequest, TrinaxError
from trinax.settings import Access, Server
from trinax.web.request_ids import REQUEST_ID
from trinax.web.wire import errors

logger = logging.getLogger(__name__)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EXPOSED_HEADERS = (
    "x-request-id, x-trinax-ignored, x-trinax-truncated, retry-after, x-ratelimit-limit, "
    "x-ratelimit-remaining, x-ratelimit-reset, mcp-session-id"
)
PREFLIGHT_MAX_AGE_S = 600
CALLER = "trinax.caller"
# scope key → the scope that the route needs.
PERMISSION = "trinax.permission"


class RequestId:
    """Gives every response its x-request-id, the client's own if it is sane."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if SANE_REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        REQUEST_ID.set(request_id)

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        return await self.app(scope, receive, with_id)


class Cors:
    """Answers preflights before anything is checked, and marks every answer for its origin."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.listed = access.origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            return await self.app(scope, receive, send)
        allowed = origin_is_allowed(origin, self.listed, headers.get("host", ""))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if allowed:
                    answer["access-control-allow-origin"] = origin
                    answer["access-control-expose-headers"] = EXPOSED_HEADERS
            await send(message)

        refusal = Forbidden(
            f"Pages of {origin} may not use this server; access.origins lists those that may."
        )
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            answer = _preflight(headers) if allowed else errors.response(refusal)
            return await answer(scope, receive, marked)
        # A browser sends a foreign page's simple POST and only hides the answer from it.
        if not allowed and scope["method"] not in SAFE_METHODS:
            return await errors.response(refusal)(scope, receive, marked)
        return await self.app(scope, receive, marked)


def _preflight(headers: Mapping[str, str]) -> Response:
    answer = {
        "access-control-allow-methods": METHODS,
        "access-control-max-age": str(PREFLIGHT_MAX_AGE_S),
        "vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
    }
    if requested := headers.get("access-control-request-headers"):
        answer["access-control-allow-headers"] = requested
    if headers.get("access-control-request-private-network") == "true":
        answer["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=answer)


class Failures:
    """Turns whatever a request raised into the envelope; the top of every request's task."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            return await self.app(scope, receive, watched)
        except ClientDisconnect:
            return None
        except TrinaxError as exc:
            failure: Exception = exc
        except Exception as exc:
            logger.exception("request %s failed", scope["state"]["request_id"])
            failure = exc
        if not started:
            await errors.response(failure)(scope, receive, send)
        return None


class HostCheck:
    """Refuses names that are not this server's, against DNS rebinding, and addresses that are
    none."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self.app = app
        self.names = (*server.hosts, server.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if not host_is_allowed(host, self.names):
                raise Forbidden(
                    f"This server does not answer to the name {host!r}; "
                    "server.hosts lists its names."
                )
            if not scope["query_string"].isascii():
                raise InvalidRequest("The query holds bytes that are not percent-encoded.")
        await self.app(scope, receive, send)


class Credentials:
    """Finds out who asks; a wrong credential ends the request on any route."""

    def __init__(self, app: ASGIApp, access: Callable[[], Access], keyring: Keyring) -> None:
        """access: as it is at each moment, for it can be read again."""
        self.app = app
        self.access = access
        self.keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer = scope["client"][0] if scope.get("client") else None
            access = self.access()
            headers, proxies = _joined(Headers(scope=scope)), access.trusted_proxies
            place = place_of_request(peer, headers, proxies)
            asking = caller(place, headers, access, self.keyring)
            address = address_of_request(peer, headers, proxies) or ""
            scope[CALLER] = replace(asking, key=asking.id or address, address=address)
            if asking.id and self.keyring.use_is_due(asking.id):
                await to_thread.run_sync(self.keyring.note_use, asking.id, int(time.time()))
        await self.app(scope, receive, send)


def _joined(headers: Headers) -> dict[str, str]:
    """One value a name: a client's line must not hide the one that a proxy added."""
    return {name: ", ".join(headers.getlist(name)) for name in set(headers)}


@dataclass(frozen=True, slots=True)
class Requires:
    """Lets only callers with one permission through to a route."""

    app: ASGIApp
    permission: Permission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking: Caller = scope[CALLER]
        scope[PERMISSION] = self.permission
        check(asking, self.permission)
        await self.app(scope, receive, send)
