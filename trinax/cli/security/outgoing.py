"""What leaves this machine, and for whom."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from trinax.access.trust import place_of_address
from trinax.cli.checks import Check
from trinax.settings import Settings


def outgoing(settings: Settings) -> Iterator[Check]:
    yield _web(settings)
    for name, upstream in sorted(settings.upstreams.items()):
        models = ", ".join(sorted(upstream.models)) or "no model"
        message = f"questions for {models} go to {_shown(upstream.url)}, with the passages found"
        yield _sent(f"upstream {name}", message, upstream.url)
    if settings.index.url:
        message = f"the text of all documents is kept at {_shown(settings.index.url)}"
        yield _sent("index", message, settings.index.url)


def _web(settings: Settings) -> Check:
    provider, url = settings.web.provider, settings.web.url
    if provider == "off":
        return Check("web search", "ok", "off: no question goes to a search engine")
    whom = f"{provider} at {_shown(url)}" if url else provider
    message = f"questions that ask for it go to {whom}, and pages found are fetched"
    return _sent("web search", message, url)


def _sent(name: str, message: str, url: str) -> Check:
    if not url.startswith("http://") or _is_here(url):
        return Check(name, "ok", message)
    return Check(name, "warn", f"{message}, unencrypted", "use https")


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or place_of_address(host) == "loopback"


def _shown(url: str) -> str:
    """Without a name and a password that may stand in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
