"""A text's headings as a tree of sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.documents.packing import Block


@dataclass(frozen=True, slots=True)
class Heading:
    """start: offset of its first line. level: 1 is the outermost; levels may be skipped."""

    start: int
    level: int
    title: str


def sections(headings: Sequence[Heading], length: int) -> Block:
    """The whole text as nested sections; each begins with its heading's line."""
    return _section(headings, 0, length, ())


def _section(headings: Sequence[Heading], start: int, end: int, path: tuple[str, ...]) -> Block:
    """The section with these headings under it, the outermost of them being its own parts."""
    level = min((heading.level for heading in headings), default=0)
    inner = [at for at, heading in enumerate(headings) if heading.level == level]
    if not inner:
        return Block(start, end, path)
    parts: list[Block] = []
    # Headings deeper than the first outermost one come before it: "### a" above "# b".
    if headings[0].start > start or inner[0] > 0:
        parts.append(_section(headings[: inner[0]], start, headings[inner[0]].start, path))
    for at, following in zip(inner, [*inner[1:], len(headings)], strict=True):
        stop = headings[following].start if following < len(headings) else end
        heading = headings[at]
        below = headings[at + 1 : following]
        parts.append(_section(below, heading.start, stop, (*path, heading.title)))
    return Block(start, end, path, tuple(parts))
