"""Who may do what."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from trinax.access.trust import Place
from trinax.errors import Unauthorized
from trinax.settings import Access

Scope = Literal["chat", "search", "browse", "ingest", "research", "admin"]

ALL: frozenset[Scope] = frozenset(get_args(Scope))
OPEN_TO_LAN: frozenset[Scope] = frozenset({"chat", "search"})
KEY_PREFIX = "trx_"


@dataclass(frozen=True, slots=True)
class Caller:
    """place: where the request comes from. scopes: what it may do. key: who takes turns with
    others; the client's address, "" where that is unknown."""

    place: Place
    scopes: frozenset[Scope]
    key: str = ""


def caller(place: Place, headers: Mapping[str, str], access: Access) -> Caller:
    """Who asks; headers have lower-case names.

    Raises Unauthorized for a credential that is wrong, whatever would be allowed without it.
    """
    for key in _keys(headers):
        if key.startswith(KEY_PREFIX):
            raise Unauthorized("This API key is unknown, malformed, expired or revoked.")
    token = headers.get("x-admin-token")
    if token is not None:
        if not _is_admin(token, access.admin_token):
            raise Unauthorized("The X-Admin-Token is wrong, or this server has none configured.")
        return Caller(place, ALL)
    return Caller(place, _without_credential(place, access))


def check(caller: Caller, scope: Scope) -> None:
    """Raises Unauthorized if the caller lacks the scope."""
    if scope in caller.scopes:
        return
    raise Unauthorized(
        f"This needs the scope {scope!r}, which is not open to your address; "
        "send a valid X-Admin-Token, or ask on the machine that runs trinax."
    )


def _without_credential(place: Place, access: Access) -> frozenset[Scope]:
    if access.require_key or place == "other":
        return frozenset()
    if place == "loopback" or access.lan == "trusted":
        return ALL
    return OPEN_TO_LAN


def _is_admin(token: str, configured: str) -> bool:
    # Header values are latin-1 text; this gives back the bytes that were sent.
    same = hmac.compare_digest(token.encode("latin-1", "replace"), configured.encode())
    return same and bool(configured)


def _keys(headers: Mapping[str, str]) -> list[str]:
    scheme, _, bearer = headers.get("authorization", "").strip().partition(" ")
    keys = [headers.get("x-api-key", ""), headers.get("api-key", "")]
    if scheme.lower() == "bearer":
        keys.append(bearer)
    return [key.strip() for key in keys]
