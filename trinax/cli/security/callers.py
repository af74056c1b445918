"""Who may ask this server, and for what."""

import time
from collections.abc import Iterator
from ipaddress import ip_address

from trinax.access.admin_token import admin_token
from trinax.access.keyring import FILE, Keyring
from trinax.access.keys import Key
from trinax.access.trust import place_of_address
from trinax.cli.checks import Check, Level
from trinax.errors import BadSetting, KeysFailed
from trinax.settings import Settings

# Random letters and digits of that length are beyond guessing.
TOKEN_CHARACTERS = 20
LEAST_DIFFERENT = 8
ANY = ("0.0.0.0", "::", "")


def callers(settings: Settings) -> Iterator[Check]:
    """From the network inwards."""
    yield _address(settings)
    yield _tls(settings)
    yield _without_key(settings)
    yield _token(settings)
    yield from _keys(settings)
    yield from _proxies(settings)
    yield from _browsers(settings)
    yield from _limits(settings)


def is_open(settings: Settings) -> bool:
    """Whether other machines can connect."""
    host = settings.server.host
    return host != "localhost" and place_of_address(host) != "loopback"


def _address(settings: Settings) -> Check:
    host, port = settings.server.host, settings.server.port
    if not is_open(settings):
        return Check("address", "ok", f"{host}:{port}: only programs on this machine connect")
    where = "every network of this machine" if host in ANY else f"the network of {host}"
    message = f"{host or '0.0.0.0'}:{port}: machines on {where} can connect"
    return Check("address", "ok", message)


def _tls(settings: Settings) -> Check:
    if settings.server.tls_certificate:
        return Check("encryption", "ok", "TLS 1.2 or later")
    if not is_open(settings):
        return Check("encryption", "ok", "none, and nothing leaves this machine unencrypted")
    message = "none: keys, questions and answers can be read on the network"
    advice = "set server.tls_certificate and server.tls_key, or put a proxy in front"
    return Check("encryption", "warn", message, advice)


def _without_key(settings: Settings) -> Check:
    name, access = "without a key", settings.access
    if access.require_key:
        return Check(name, "ok", "nobody, not even this machine, may ask anything")
    if not is_open(settings):
        return Check(name, "ok", "this machine may do everything; nobody else connects")
    everyone = "this machine may do everything; addresses that are not private may do nothing"
    if access.lan == "open":
        return Check(name, "ok", f"{everyone}; the private LAN may chat and search")
    message = f"{everyone}; the private LAN may do everything too: browse, ingest and administer"
    if settings.server.host in ANY and not _has_token(settings):
        advice = 'set access.lan = "open", or access.require_key = true, and an admin token'
        return Check(name, "fail", message, advice)
    return Check(name, "warn", message, 'set access.lan = "open" if that is not meant')


def _has_token(settings: Settings) -> bool:
    return bool(settings.access.admin_token or settings.access.admin_token_file)


def _token(settings: Settings) -> Check:
    name = "admin token"
    try:
        token = admin_token(settings)
    except BadSetting as exc:
        return Check(name, "fail", str(exc))
    if not token:
        return Check(name, "ok", "none: nobody is let in by one")
    if len(token) >= TOKEN_CHARACTERS and len(set(token)) >= LEAST_DIFFERENT:
        return Check(name, "ok", "long enough; whoever has it may do everything from anywhere")
    advice = "make another: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
    level: Level = "fail" if is_open(settings) else "warn"
    return Check(name, level, "short enough to be guessed", advice)


def _keys(settings: Settings) -> Iterator[Check]:
    name = "API keys"
    file = settings.data_dir / FILE
    if not file.is_file():
        yield Check(name, "ok", "none")
        return
    keyring = Keyring(file)
    try:
        keys = [key for key in keyring.all() if not key.ended(time.time())]
    except KeysFailed as exc:
        yield Check(name, "warn", str(exc))
        return
    finally:
        keyring.close()
    yield Check(name, "ok", "; ".join(map(_told, keys)) or "none that is still taken")
    for key in keys:
        if "admin" in key.scopes and key.expires_s is None:
            message = f"{key.name!r} may do everything and never expires"
            yield Check(name, "warn", message, "make one with --expires, then revoke this one")


def _told(key: Key) -> str:
    where = "all collections" if key.collections is None else ", ".join(sorted(key.collections))
    return f"{key.name!r} may {', '.join(sorted(key.scopes))} in {where or 'no collection'}"


def _proxies(settings: Settings) -> Iterator[Check]:
    name = "proxies"
    proxies = settings.access.trusted_proxies
    for proxy in proxies:
        if not _is_address(proxy):
            advice = "name its address; networks and names have no effect"
            yield Check(name, "fail", f"{proxy!r} is no address", advice)
    if not proxies:
        message = "none is trusted: a request with forwarded headers may do nothing without a key"
        yield Check(name, "ok", message)
        return
    message = f"{', '.join(proxies)} may say where a request comes from"
    if settings.server.host in ANY:
        advice = "listen on the address that the proxy connects to, so that nobody goes around it"
        yield Check(name, "warn", message, advice)
    else:
        yield Check(name, "ok", message)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _browsers(settings: Settings) -> Iterator[Check]:
    listed = settings.access.origins
    message = "pages of this machine, of private addresses and of applications may use this server"
    yield Check("browsers", "ok", "; also ".join([message, *listed]))
    for origin in listed:
        if "*" in origin:
            advice = "list each origin as browsers send it: https://name"
            yield Check("browsers", "warn", f"{origin!r} has no effect", advice)
        elif origin.startswith("http://"):
            message = f"{origin} is not encrypted: who is on its network can pose as it"
            yield Check("browsers", "warn", message, "use https there")
    names = ", ".join(settings.server.hosts) or "none"
    yield Check("names", "ok", f"beside addresses and localhost this server answers to: {names}")


def _limits(settings: Settings) -> Iterator[Check]:
    limits = settings.limits
    counts = (limits.answers_per_minute, limits.calls_per_minute, limits.reads_per_minute)
    if all(counts):
        yield Check("limits", "ok", "{} answers, {} calls, {} reads a minute".format(*counts))
    else:
        level: Level = "warn" if is_open(settings) else "ok"
        advice = "set limits.*_per_minute" if level == "warn" else ""
        yield Check("limits", level, "some requests are not counted", advice)
