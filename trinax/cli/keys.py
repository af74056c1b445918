"""API keys in the data folder; a server that runs on it takes part at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from trinax.access import keys
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import Key
from trinax.access.scopes import Scope
from trinax.errors import InvalidRequest
from trinax.index.registry import SLUG
from trinax.settings import Settings

NO_PLAN = "none"
NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """As typed: lists are separated by commas, and None is for all. plan: "none" for no limits."""

    name: str
    scopes: str
    collections: str | None
    models: str | None
    plan: str
    expires: str


def create(settings: Settings, wanted: Wanted) -> dict[str, Any]:
    """A row with "key", the secret, which is nowhere else. Raises InvalidRequest."""
    secret, now_s = keys.new_secret(), int(time.time())
    lifetime_s = keys.lifetime_s(wanted.expires)
    key = Key(
        id=keys.new_id(),
        name=_name(wanted.name),
        prefix=secret[: keys.SHOWN_CHARACTERS],
        digest=keys.digest(secret),
        scopes=_scopes(wanted.scopes),
        collections=_collections(wanted.collections),
        models=_listed("models", wanted.models),
        plan=_plan(wanted.plan, settings),
        created_s=now_s,
        expires_s=None if lifetime_s is None else now_s + lifetime_s,
    )
    _keyring(settings).add(key)
    return {"key": secret, **row(key)}


def listed(settings: Settings) -> list[dict[str, Any]]:
    """The oldest first."""
    if not (settings.data_dir / FILE).exists():
        return []
    return list(map(row, _keyring(settings).all()))


def revoke(settings: Settings, name: str) -> dict[str, Any]:
    """Raises KeyNotFound."""
    return row(_keyring(settings).revoke(name, int(time.time())))


def rotate(settings: Settings, name: str) -> dict[str, Any]:
    """As create(). Raises KeyNotFound, InvalidRequest."""
    secret = keys.new_secret()
    prefix, digest = secret[: keys.SHOWN_CHARACTERS], keys.digest(secret)
    return {"key": secret, **row(_keyring(settings).rotate(name, prefix, digest))}


def row(key: Key) -> dict[str, Any]:
    """For a list; times as ISO 8601, None for never and for all."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": [scope for scope in get_args(Scope) if scope in key.scopes],
        "collections": None if key.collections is None else sorted(key.collections),
        "models": None if key.models is None else sorted(key.models),
        "plan": key.plan or NO_PLAN,
        "state": key.ended(time.time()) or "valid",
        "created": _moment(key.created_s),
        "expires": _moment(key.expires_s),
        "last_used": _moment(key.used_s),
    }


def _keyring(settings: Settings) -> Keyring:
    settings.data_dir.mkdir(0o700, parents=True, exist_ok=True)
    return Keyring(settings.data_dir / FILE)


def _name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
        raise InvalidRequest(f"A name has 1 to {NAME_CHARACTERS} characters on one line.", "name")
    return name


def _scopes(text: str) -> frozenset[Scope]:
    known: Sequence[Scope] = get_args(Scope)
    given = _listed("scopes", text) or frozenset()
    if unknown := sorted(given - {*known}):
        raise InvalidRequest(f"No scope {unknown[0]!r}; there are {', '.join(known)}.", "scopes")
    return frozenset(scope for scope in known if scope in given)


def _collections(text: str | None) -> frozenset[str] | None:
    given = _listed("collections", text)
    for each in sorted(given or ()):
        if not SLUG.fullmatch(each):
            raise InvalidRequest(f"{each!r} is no collection's id.", "collections")
    return given


def _plan(name: str, settings: Settings) -> str:
    if name == NO_PLAN:
        return ""
    if name not in settings.plans:
        known = ", ".join([*settings.plans, NO_PLAN])
        raise InvalidRequest(f"No plan {name!r}; there are {known}.", "plan")
    return name


def _listed(field: str, text: str | None) -> frozenset[str] | None:
    """None only for None: an empty list must not become a key to everything."""
    if text is None:
        return None
    given = frozenset(filter(None, map(str.strip, text.split(","))))
    if not given:
        raise InvalidRequest(f"--{field} names nothing; leave it out or name some.", field)
    return given


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
