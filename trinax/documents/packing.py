"""From an outline and the places where a text may be cut to the spans that become chunks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from math import ceil

from trinax.errors import BadSetting

# Shares of the limit. Neighbouring sections join while they stay under TARGET; below TINY, a
# span says too little to be found for the right reason and joins whatever fits.
TARGET = 1 / 2
TINY = 1 / 8
# What is cut aims at this: room is left to reach a better place to cut.
AIM = 3 / 4

HELD = 2.0  # price of a cut inside what fits into a chunk

LEAST_LIMIT_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """limit_tokens: a chunk is never longer (unless one single character is).
    overlap_tokens: at most so many are repeated from one chunk to the next within a section."""

    limit_tokens: int = 256
    overlap_tokens: int = 0

    def __post_init__(self) -> None:
        if self.limit_tokens < LEAST_LIMIT_TOKENS:
            raise BadSetting(
                "chunking.limit_tokens", "the configuration", f"at least {LEAST_LIMIT_TOKENS}"
            )
        if not 0 <= self.overlap_tokens <= self.limit_tokens // 2:
            raise BadSetting(
                "chunking.overlap_tokens", "the configuration", "from 0 to half of limit_tokens"
            )


@dataclass(frozen=True, slots=True)
class Block:
    """What belongs together in a text: a section, a definition, or what lies between two.

    start, end: character offsets, half open.
    path: the headings or definitions around it, outermost first.
    parts: smaller blocks that cover it exactly, in order; none where only borders divide it.
    """

    start: int
    end: int
    path: tuple[str, ...] = ()
    parts: tuple["Block", ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """What a chunk that starts within the stretch, half open, has to know and does not hold."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Outline:
    """How a text is built.

    blocks: in order; none is joined with its neighbour.
    borders: character offset → price of a cut there: 0 is free, 1 as bad as a chunk of no length.
    held: stretches, half open, that are cut inside only if they do not fit into a chunk.
    leads: in order, apart from each other.
    """

    blocks: tuple[Block, ...]
    borders: dict[int, float]
    held: tuple[tuple[int, int], ...] = ()
    leads: tuple[Lead, ...] = ()

    def lead(self, offset: int) -> str:
        """Words of the lead of a chunk that starts there; "" without one."""
        at = bisect_right(self.leads, offset, key=lambda lead: lead.start) - 1
        return self.leads[at].words if at >= 0 and offset < self.leads[at].end else ""


@dataclass(frozen=True, slots=True)
class Atoms:
    """A text in the smallest pieces that chunks are made of.

    starts: character offset of each piece, and the text's length last.
    prices: of a cut before the piece.
    sums: number of tokens before the piece, and of all last.
    """

    starts: list[int]
    prices: list[float]
    sums: list[int]

    def holding(self, stretches: Iterable[tuple[int, int]], limit_tokens: int) -> "Atoms":
        """The same, with a high price on cuts inside those stretches that fit the limit."""
        prices = list(self.prices)
        for start, end in stretches:
            first, last = self.at(start), self.at(end)
            if self.tokens(first, last) <= limit_tokens:
                prices[first + 1 : last] = [HELD] * (last - first - 1)
        return replace(self, prices=prices)

    def at(self, offset: int) -> int:
        """Index of the first piece that starts at or after the offset."""
        return bisect_left(self.starts, offset)

    def after(self, tokens: int) -> int:
        """Index of the first piece that has at least so many tokens before it."""
        return bisect_left(self.sums, tokens)

    def tokens(self, first: int, last: int) -> int:
        return self.sums[last] - self.sums[first]


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces first to last (excluded). whole: nothing that belongs to it lies outside."""

    first: int
    last: int
    path: tuple[str, ...]
    whole: bool = True


def packed(block: Block, atoms: Atoms, limits: Limits) -> list[Span]:
    """The block as spans within the limit, in order: one if it fits, else its parts, else cuts."""
    first, last = atoms.at(block.start), atoms.at(block.end)
    if atoms.tokens(first, last) <= limits.limit_tokens:
        return [Span(first, last, block.path)] if first < last else []
    if not block.parts:
        return cuts(Span(first, last, block.path), atoms, limits)
    spans: list[Span] = []
    for part in block.parts:
        following = packed(part, atoms, limits)
        if spans and following:
            following[:1] = _joined(spans.pop(), following[0], atoms, limits)
        spans.extend(following)
    if len(spans) > 1 and _fits(spans[-1], atoms, limits, TINY):
        both = _union(spans[-2], spans[-1], atoms, limits)
        if _fits(both, atoms, limits):
            spans[-2:] = [both]
    return [Span(span.first, span.last, span.path, whole=False) for span in spans]


def _joined(one: Span, two: Span, atoms: Atoms, limits: Limits) -> list[Span]:
    """Two neighbours, as one if that serves both."""
    both = _union(one, two, atoms, limits)
    if both.whole and _fits(both, atoms, limits, TARGET):
        return [both]
    if not _fits(one, atoms, limits, TINY):
        return [one, two]
    if _fits(both, atoms, limits):
        return [both]
    # A heading on its own would be found for its words and say nothing: it takes along the
    # beginning of what it introduces.
    if one.whole and both.path == two.path:
        return cuts(both, atoms, limits)
    return [one, two]


def cuts(span: Span, atoms: Atoms, limits: Limits) -> list[Span]:
    """A span cut into spans of about equal size where it is cheap; later ones begin with the
    overlap."""
    limit = limits.limit_tokens - limits.overlap_tokens
    first, found = span.first, list[Span]()
    while first < span.last:
        last = _cut(first, span.last, atoms, limit)
        start = atoms.after(atoms.sums[first] - limits.overlap_tokens) if found else first
        found.append(Span(max(start, span.first), last, span.path, whole=False))
        first = last
    return found


def _cut(first: int, last: int, atoms: Atoms, limit: int) -> int:
    """Where the next chunk of pieces first to last ends."""
    rest = atoms.tokens(first, last)
    if rest <= limit:
        return last
    aim = rest / max(ceil(rest / limit), round(rest / (limit * AIM)))
    furthest = max(first + 1, atoms.after(atoms.sums[first] + limit + 1) - 1)
    return min(
        range(first + 1, min(furthest, last - 1) + 1),
        key=lambda at: atoms.prices[at] + abs(atoms.tokens(first, at) - aim) / aim,
        default=last,
    )


def _union(one: Span, two: Span, atoms: Atoms, limits: Limits) -> Span:
    """Both under their common path, or the path of one that the other merely leads into or ends."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one.path, two.path, strict=False))
    path = tuple(name for name, _ in pairs)
    if path == one.path and _fits(one, atoms, limits, TINY):
        path = two.path
    elif path == two.path and _fits(two, atoms, limits, TINY):
        path = one.path
    return Span(one.first, two.last, path, one.whole and two.whole)


def _fits(span: Span, atoms: Atoms, limits: Limits, share: float = 1) -> bool:
    return atoms.tokens(span.first, span.last) <= limits.limit_tokens * share
