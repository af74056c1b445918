"""The web as the settings have it."""

import re
from urllib.parse import urlsplit

from trinax.conversion import secret
from trinax.embedding.ports import Embedder
from trinax.errors import BadSetting
from trinax.settings import Settings
from trinax.websearch.brave import BraveProvider
from trinax.websearch.connection import Connection
from trinax.websearch.fetching import Fetcher
from trinax.websearch.metasearch import DdgsProvider
from trinax.websearch.network import PublicNetwork, SystemResolver
from trinax.websearch.ports import Provider
from trinax.websearch.searxng import SearxngProvider
from trinax.websearch.web import Web

WHERE = "the configuration"


def web(settings: Settings, embedder: Embedder) -> Web | None:
    """None where it is off; nothing is connected yet. embedder: as for Web.

    Raises BadSetting, which never shows a key.
    """
    if settings.web.provider == "off":
        return None
    _check(settings)
    connection = Connection()
    fetcher = Fetcher(connection, PublicNetwork(SystemResolver()), settings.web)
    return Web(_provider(settings, connection), fetcher, embedder, settings)


def _provider(settings: Settings, connection: Connection) -> Provider:
    own = settings.web
    if own.provider == "searxng":
        return SearxngProvider(connection, own.url, own.engines, own.timeout_s)
    if own.provider == "brave":
        return BraveProvider(connection, _key(settings), own.timeout_s)
    return DdgsProvider(own.engines, own.timeout_s)


def _check(settings: Settings) -> None:
    own = settings.web
    needs_url, needs_key = own.provider == "searxng", own.provider == "brave"
    for key, right, expected in (
        ("url", not needs_url or _is_address(own.url), "an address such as http://127.0.0.1:8080"),
        ("key", not needs_key or own.key or own.key_file, "the key of Brave's Search API"),
        ("timeout_s", own.timeout_s > 0, "above 0"),
        ("pages", 0 <= own.pages <= 20, "from 0 to 20"),
        ("page_timeout_s", own.page_timeout_s > 0, "above 0"),
        ("page_limit_bytes", own.page_limit_bytes > 0, "above 0"),
    ):
        if not right:
            raise BadSetting(f"web.{key}", WHERE, expected)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def _key(settings: Settings) -> str:
    own = settings.web
    key = secret("web.key", own.key, own.key_file, settings.base)
    if not re.fullmatch(r"[!-~]+", key):
        name = "web.key_file" if own.key_file else "web.key"
        raise BadSetting(name, WHERE, "plain characters without blanks")
    return key
