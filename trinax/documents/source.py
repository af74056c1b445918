"""Source code as nested definitions."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trinax.documents import lines
from trinax.documents.packing import Block, Outline
from trinax.documents.syntax import Definition, definitions

# Definitions nested deeper belong to the one that holds them.
DEPTH_LIMIT = 8

# How a line begins that belongs to the definition right below it.
LEADING = ("//", "/*", "*", "@", "[", "template")
LEADING_HASH = ("#", *LEADING)
DIRECTIVE_KINDS = {"c", "cpp", "csharp"}  # "#" begins a directive there, no comment


@dataclass(frozen=True, slots=True)
class _Region:
    """A definition in whole lines: indexes into the lines that are not blank, half open."""

    first: int
    last: int
    name: str


def outline(text: str, kind: str) -> Outline:
    """The definitions of a source text, comments and decorators above them included."""
    borders = lines.borders(text)
    starts = list(borders)
    leading = LEADING if kind in DIRECTIVE_KINDS else LEADING_HASH
    found = _in_characters(text, definitions(kind, text.encode()))
    regions = sorted(
        (_region(text, starts, definition, leading) for definition in found),
        key=lambda region: (region.first, -region.last),
    )
    parts = _blocks(regions, (0, len(starts)), [*starts, len(text)], ())
    return Outline((Block(0, len(text), (), parts),), borders)


def _in_characters(text: str, found: list[Definition]) -> list[Definition]:
    """Byte offsets, as syntax.py gives them, turned into character offsets."""
    if text.isascii():
        return found
    encoded = np.frombuffer(text.encode(), np.uint8)
    before = np.concatenate(([0], np.cumsum((encoded & 0xC0) != 0x80)))
    return [Definition(int(before[one.start]), int(before[one.end]), one.name) for one in found]


def _region(
    text: str, starts: list[int], definition: Definition, leading: tuple[str, ...]
) -> _Region:
    first = max(0, bisect_right(starts, definition.start) - 1)
    last = max(first + 1, bisect_left(starts, definition.end))
    while first > 0:
        above = text[starts[first - 1] : starts[first]]
        ends = above[len(above.rstrip()) :]
        if max(ends.count("\n"), ends.count("\r")) > 1 or not above.lstrip().startswith(leading):
            break
        first -= 1
    return _Region(first, last, definition.name)


def _blocks(
    regions: Sequence[_Region],
    bounds: tuple[int, int],
    offsets: Sequence[int],
    path: tuple[str, ...],
) -> tuple[Block, ...]:
    """What lies within the bounds: each outermost region, and what is between them.

    Nothing where no region is; one that shares its lines with the region before is left out.
    """
    parts: list[Block] = []
    cursor, last = bounds
    at = 0
    while at < len(regions):
        region = regions[at]
        inner_end = at + 1
        while inner_end < len(regions) and regions[inner_end].first < region.last:
            inner_end += 1
        first, end = max(region.first, cursor), min(region.last, last)
        if first < end:
            if cursor < first:
                parts.append(Block(offsets[cursor], offsets[first], path))
            inner = [one for one in regions[at + 1 : inner_end] if one.first > first]
            names = (*path, region.name)
            within = _blocks(inner, (first, end), offsets, names) if _is_shallow(names) else ()
            parts.append(Block(offsets[first], offsets[end], names, within))
            cursor = end
        at = inner_end
    if parts and cursor < last:
        parts.append(Block(offsets[cursor], offsets[last], path))
    return tuple(parts)


def _is_shallow(path: tuple[str, ...]) -> bool:
    return len(path) < DEPTH_LIMIT
