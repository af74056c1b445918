"""The generators of all upstreams that the settings name."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from trinax.conversion import secret
from trinax.errors import BadSetting
from trinax.models.ports import ModelInfo
from trinax.models.upstream.connection import Connection
from trinax.models.upstream.generator import UpstreamGenerator
from trinax.models.upstream.traffic import Traffic
from trinax.settings import Settings, Upstream

WHERE = "the configuration"
ROLES = ("fast", "coder", "general", "deep")
# What is built in keeps its name.
RESERVED = {"auto", "trinax-extract", "trinax-embed"}


def generators(settings: Settings) -> list[UpstreamGenerator]:
    """One for each model, in the order of the settings; nothing is connected yet.

    Raises BadSetting, which never shows a key.
    """
    opened: list[UpstreamGenerator] = []
    for (name, connection), upstream in zip(
        connections(settings).items(), settings.upstreams.values(), strict=True
    ):
        traffic = Traffic(name, upstream.limit)
        for info in _infos(name, upstream):
            if info.id in RESERVED or any(info.id == other.info.id for other in opened):
                raise BadSetting(f"upstreams.{name}.models", WHERE, f"without {info.id!r} twice")
            opened.append(UpstreamGenerator(info, upstream, connection, traffic))
    return opened


def connections(settings: Settings) -> dict[str, Connection]:
    """To each upstream, by name; nothing is connected yet. Raises as generators()."""
    for name, upstream in settings.upstreams.items():
        _check(name, upstream)
    return {
        name: Connection(name, upstream, _key(name, upstream, settings.base))
        for name, upstream in settings.upstreams.items()
    }


def _infos(name: str, upstream: Upstream) -> Iterator[ModelInfo]:
    for id_ in upstream.models:
        yield ModelInfo(
            id_,
            "generate",
            roles=upstream.roles.get(id_, ()),
            context_tokens=upstream.context_tokens.get(id_),
            source=name,
            template=True,
            paid=id_ in upstream.paid,
        )


def _check(name: str, upstream: Upstream) -> None:
    unknown = {*upstream.roles, *upstream.context_tokens, *upstream.paid} - {*upstream.models}
    roles = {role for listed in upstream.roles.values() for role in listed}
    for key, right, expected in (
        ("url", _is_address(upstream.url), "an address such as http://127.0.0.1:8080/v1"),
        ("models", bool(upstream.models), "a table of at least one model"),
        ("roles", roles <= {*ROLES}, "lists of " + ", ".join(ROLES)),
        ("models", not unknown, f"a table that has {', '.join(sorted(unknown))}"),
        ("context_tokens", min(upstream.context_tokens.values(), default=1) > 0, "above 0"),
        ("timeout_s", upstream.timeout_s > 0, "above 0"),
        ("retries", upstream.retries >= 0, "0 or more"),
        ("limit", upstream.limit >= 0, "0 or more"),
    ):
        if not right:
            raise BadSetting(f"upstreams.{name}.{key}", WHERE, expected)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def _key(name: str, upstream: Upstream, base: Path) -> str:
    setting = f"upstreams.{name}.key"
    key = secret(setting, upstream.key, upstream.key_file, base)
    if not re.fullmatch(r"[!-~]*", key):
        named = f"{setting}_file" if upstream.key_file else setting
        raise BadSetting(named, WHERE, "plain characters without blanks")
    return key
