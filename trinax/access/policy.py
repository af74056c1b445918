"""Who may do what."""

import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from trinax.access.keyring import Keyring
from trinax.access.keys import PREFIX, Key, digest, is_whole
from trinax.access.scopes import ALL as ALL
from trinax.access.scopes import Scope as Scope
from trinax.access.trust import Place
from trinax.errors import Forbidden, Unauthorized
from trinax.settings import Access

OPEN_TO_LAN: frozenset[Scope] = frozenset({"chat", "search"})
ADMIN = "admin"
# One of ours, however it was wrapped: what narrows must not be overlooked.
OURS = re.compile(rf"(?:^|[\s,;\"'<(]){PREFIX}")


@dataclass(frozen=True, slots=True)
class Caller:
    """place: where the request comes from. scopes: what it may do. key: who takes turns with
    others; the API key's id, else the client's address, "" where that is unknown.
    id and name: of the API key, "" without one; the admin token's name is "admin".
    collections and models: ids that it may use; None = all. plan: "" = none, without limits."""

    place: Place
    scopes: frozenset[Scope]
    key: str = ""
    id: str = ""
    name: str = ""
    address: str = ""
    collections: frozenset[str] | None = None
    models: frozenset[str] | None = None
    plan: str = ""

    def sees(self, collection: str) -> bool:
        """Whether a collection may be known to it, there or not."""
        return self.collections is None or collection in self.collections


def caller(place: Place, headers: Mapping[str, str], access: Access, keyring: Keyring) -> Caller:
    """Who asks; headers have lower-case names.

    Raises Unauthorized for a credential that is wrong, whatever would be allowed without it.
    """
    key = _key(headers, keyring)
    token = headers.get("x-admin-token")
    if token is not None:
        if not _is_admin(token, access.admin_token):
            raise Unauthorized("The X-Admin-Token is wrong, or this server has none configured.")
        return Caller(place, ALL, name=ADMIN)
    if key is None:
        return Caller(place, _without_credential(place, access))
    return Caller(
        place,
        key.allowed,
        key=key.id,
        id=key.id,
        name=key.name,
        collections=key.collections,
        models=key.models,
        plan=key.plan,
    )


def check(caller: Caller, scope: Scope) -> None:
    """Raises Forbidden if the caller's key lacks the scope, Unauthorized if a credential could
    help."""
    if scope in caller.scopes:
        return
    if caller.id:
        raise Forbidden(f"The API key {caller.name!r} lacks the scope {scope!r}.")
    raise Unauthorized(
        f"This needs the scope {scope!r}, which is not open to your address by itself; send an "
        "API key that has it, or a valid X-Admin-Token."
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


def _key(headers: Mapping[str, str], keyring: Keyring) -> Key | None:
    """None where no key of ours was sent."""
    sent = {secret for secret in _credentials(headers) if OURS.search(secret)}
    if not sent:
        return None
    if len(sent) > 1:
        raise Unauthorized("Two different API keys were sent; send one.")
    (secret,) = sent
    if not is_whole(secret):
        raise Unauthorized("The API key is malformed: characters of it are wrong or missing.")
    key = keyring.find(digest(secret))
    if key is None:
        raise Unauthorized("The API key is unknown here; `trinax keys list` shows those that are.")
    if ended := key.ended(time.time()):
        raise Unauthorized(f"The API key {key.name!r} is {ended}; `trinax keys create` makes one.")
    return key


def _credentials(headers: Mapping[str, str]) -> list[str]:
    sent = headers.get("authorization", "").strip()
    scheme, _, bearer = sent.partition(" ")
    sent = bearer if scheme.lower() == "bearer" else sent
    return [
        each.strip() for each in (sent, headers.get("x-api-key", ""), headers.get("api-key", ""))
    ]
