"""JSON and its kin by their records, whether they stand in lines or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trinax.documents import lines
from trinax.documents.packing import Outline
from trinax.documents.regions import (
    LEAST_CHARACTERS,
    NAME_CHARACTERS,
    Definition,
    nested,
    with_inner,
)

# Strings end with their line, closed or not.
TOKEN = re.compile(
    r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|[{}\[\],]|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?'
)
LABEL = re.compile(
    r'"(?:name|title|id|key|slug|path|url|question|subject)"\s{0,9}:\s{0,9}'
    r'("(?:[^"\\\r\n]|\\[^\r\n]){1,80}"|-?\d{1,20})'
)
LABEL_WITHIN_CHARACTERS = 400
# Deeper than that, lines are borders and nothing else.
DEPTH_LIMIT = 32


@dataclass(slots=True)
class _Container:
    """One that is open. item: where its current item starts, -1 between items. key: of that
    item, in an object. index: of that item. has_parts: whether that item is one itself."""

    is_object: bool
    item: int = -1
    key: str = ""
    index: int = 0
    has_parts: bool = False


def outline(text: str) -> Outline:
    """The members and elements of a JSON text, or of several one after the other."""
    inner: dict[int, int] = {}
    found = list(_items(text, inner))
    roots = sum(depth == 0 for depth, _ in found)
    definitions = [item for depth, item in found if depth > 0 or roots > 1]
    borders = with_inner(text, lines.borders(text), inner)
    return nested(text, borders, definitions, ("//",), LEAST_CHARACTERS)


def _items(text: str, inner: dict[int, int]) -> Iterator[tuple[int, Definition]]:
    """Objects and arrays, and what else is long, with their depth.

    inner: is told where each item starts, and its depth.
    """
    stack = [_Container(is_object=False)]
    for match in TOKEN.finditer(text):
        sign = text[match.start()]
        if sign in "}],":
            yield from _ended(text, stack, match.start())
        if sign in "}]":
            yield from _left(text, stack, match.end())
        elif sign not in "/,":
            _entered(match, stack, inner)


def _left(text: str, stack: list[_Container], end: int) -> Iterator[tuple[int, Definition]]:
    if len(stack) > 1:
        stack.pop()
    if len(stack) == 1:  # no comma between values one after the other
        yield from _ended(text, stack, end)


def _entered(match: re.Match[str], stack: list[_Container], inner: dict[int, int]) -> None:
    top, words = stack[-1], match[0]
    if top.item < 0:
        top.item = match.start()
        top.key = words.strip('"')[:NAME_CHARACTERS] if top.is_object else ""
        if len(stack) <= DEPTH_LIMIT:
            inner[top.item] = len(stack) - 1
    if words in "{[":
        top.has_parts = True
        stack.append(_Container(is_object=words == "{"))


def _ended(text: str, stack: list[_Container], end: int) -> Iterator[tuple[int, Definition]]:
    top = stack[-1]
    start, top.item = top.item, -1
    is_long = end - start >= LEAST_CHARACTERS
    if start >= 0 and len(stack) <= DEPTH_LIMIT and (is_long or top.has_parts):
        name = (top.key or _label(text, start) or f"[{top.index}]") if is_long else ""
        yield len(stack) - 1, Definition(start, end, name)
    top.index += start >= 0
    top.has_parts = False


def _label(text: str, start: int) -> str:
    found = LABEL.search(text, start, start + LABEL_WITHIN_CHARACTERS)
    return found[1].strip('"') if found else ""
