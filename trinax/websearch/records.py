"""What a search of the web gives."""

from collections.abc import Iterable
from dataclasses import dataclass

TITLE_CHARACTERS = 300
SNIPPET_CHARACTERS = 2000
URL_CHARACTERS = 2000
SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Result:
    """snippet: what the provider shows of the page. published: as the provider writes the date,
    None where it does not say."""

    title: str
    url: str
    snippet: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """results: best first."""

    provider: str
    results: tuple[Result, ...]


def result(title: object, url: object, snippet: object, published: object = None) -> Result:
    """From what a provider sent, whatever it is; white space is collapsed."""
    date = _line(published)
    return Result(
        _line(title)[:TITLE_CHARACTERS] or _line(url),
        _line(url),
        _line(snippet)[:SNIPPET_CHARACTERS],
        date or None,
    )


def results(provider: str, found: Iterable[Result], limit: int) -> Results:
    """The first of those that have an address of the web, each address once; what is too long for
    one is none."""
    kept: dict[str, Result] = {}
    for each in found:
        if each.url.lower().startswith(SCHEMES) and len(each.url) <= URL_CHARACTERS:
            kept.setdefault(each.url, each)
    return Results(provider, tuple(kept.values())[:limit])


def _line(value: object) -> str:
    if not isinstance(value, str):
        return ""
    # Half of a surrogate pair, which JSON can hold, has no UTF-8.
    return " ".join(value.encode("utf-8", "replace").decode().split())
