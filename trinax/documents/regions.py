"""What is nested in a text, as the blocks that its chunks are made of."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trinax.documents.packing import Block, Outline

# What is nested deeper belongs to what holds it.
DEPTH_LIMIT = 8

# Price of a cut before what begins inside of a line.
INNER = 0.1
INNER_DEPTH = 0.05
INDENT_CHARACTERS = 120

# Longer names are cut.
NAME_CHARACTERS = 80

# What is shorter in data needs no name of its own.
LEAST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Definition:
    """A named part of a text: a function, a record, an element. start, end: half open."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Region:
    """A definition from border to border: indexes into the borders, half open."""

    first: int
    last: int
    name: str


def nested(
    text: str,
    borders: Mapping[int, float],
    definitions: Iterable[Definition],
    leading: tuple[str, ...],
    least_characters: int = 0,
) -> Outline:
    """The text by its definitions, in characters, each widened to the borders around it.

    borders: as of an Outline, ascending. leading: how a line begins that belongs to the
    definition right below it. least_characters: what is shorter gets no name, and is held.
    """
    starts = list(borders)
    tops = _tops(text, starts, leading)
    offsets = [*starts, len(text)]
    regions: list[_Region] = []
    held: list[tuple[int, int]] = []
    for definition in sorted(definitions, key=lambda one: (one.start, -one.end)):
        region = _region(starts, tops, definition)
        if definition.end - definition.start >= least_characters:
            regions.append(region)
        elif not held or offsets[region.first] >= held[-1][1]:
            held.append((offsets[region.first], offsets[region.last]))
    regions.sort(key=lambda region: (region.first, -region.last))
    parts = _blocks(regions, (0, len(starts)), offsets, ())
    return Outline((Block(0, len(text), (), parts),), dict(borders), tuple(held))


def _tops(text: str, starts: Sequence[int], leading: tuple[str, ...]) -> list[int]:
    """Of each border, by index, the one where what belongs to it from above begins."""
    tops: list[int] = []
    for at in range(len(starts)):
        above = text[starts[at - 1] : starts[at]] if at else ""
        tops.append(tops[-1] if _leads(above, leading) else at)
    return tops


def _leads(above: str, leading: tuple[str, ...]) -> bool:
    if not above.lstrip().startswith(leading):
        return False
    ends = above[len(above.rstrip()) :]
    return max(ends.count("\n"), ends.count("\r")) < 2


def _region(starts: Sequence[int], tops: Sequence[int], definition: Definition) -> _Region:
    first = max(0, bisect_right(starts, definition.start) - 1)
    last = max(first + 1, bisect_left(starts, definition.end))
    return _Region(tops[first], last, definition.name)


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


def with_inner(
    text: str, borders: Mapping[int, float], inner: Mapping[int, int]
) -> dict[int, float]:
    """The borders with those inside of lines, ascending. inner: offset → depth of nesting."""
    further = {
        at: INNER + INNER_DEPTH * depth
        for at, depth in inner.items()
        if at not in borders and not _begins_line(text, at)
    }
    return dict(sorted({**borders, **further}.items())) if further else dict(borders)


def _begins_line(text: str, at: int) -> bool:
    """Whether but a few blanks are before it in its line."""
    before = text[max(0, at - INDENT_CHARACTERS) : at].rstrip(" \t")
    return before[-1:] in ("\n", "\r") or (not before and at <= INDENT_CHARACTERS)
