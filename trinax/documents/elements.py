"""XML by its elements, whether they stand in lines or not."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from trinax.documents import lines
from trinax.documents.packing import Outline
from trinax.documents.regions import LEAST_CHARACTERS, Definition, nested, with_inner

TAG = re.compile(
    r"<!--(?:[^-]|-(?!->))*+(?:-->)?|<!\[CDATA\[(?:[^\]]|\](?!\]>))*+(?:\]\]>)?|<[?!][^>]*>?"
    r"|<(?P<closes>/?)(?P<name>[\w:.-]{1,200})"
    r"(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>"
)
LABEL = re.compile(r"(?:^|\s)(?:[\w.-]{1,40}:)?(?:id|name|key|title)\s?=\s?[\"']([^\"'<]{1,80})")
DEPTH_LIMIT = 32


def outline(text: str) -> Outline:
    """The elements of an XML document; the outermost one goes without saying."""
    inner: dict[int, int] = {}
    found = list(_elements(text, inner))
    borders = with_inner(text, lines.borders(text), inner)
    return nested(text, borders, found, ("<!--",), LEAST_CHARACTERS)


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    start: int
    attributes: str


def _elements(text: str, inner: dict[int, int]) -> Iterator[Definition]:
    """Those inside of the outermost. inner: is told where each starts, and its depth."""
    stack: list[_Open] = []
    opened: Counter[str] = Counter()
    for match in TAG.finditer(text):
        name = match["name"]
        if name is None or (match["closes"] and not opened[name]):
            continue
        if match["closes"]:
            element = _closed(name, stack, opened)
            if stack:
                yield Definition(element.start, match.end(), _named(element))
            continue
        if len(stack) < DEPTH_LIMIT:
            inner[match.start()] = len(stack)
        if not match["attributes"].endswith("/"):
            stack.append(_Open(name, match.start(), match["attributes"]))
            opened[name] += 1


def _closed(name: str, stack: list[_Open], opened: Counter[str]) -> _Open:
    """The innermost of that name; what was left open inside of it ends with it."""
    while True:
        element = stack.pop()
        opened[element.name] -= 1
        if element.name == name:
            return element


def _named(element: _Open) -> str:
    label = LABEL.search(element.attributes)
    return f"{element.name} {label[1]}" if label else element.name
