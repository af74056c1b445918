"""Tokenised pairs, and the batches that are drawn from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.static import WordTokens
from trinax.embedding.training.pairs import Pair

# How often a pair of a kind is seen in one epoch, 1 elsewhere. Pairs in two languages are few
# and all that ties the languages together; "adj" (a paragraph and the next) is the noisiest.
COPIES = {"xling": 3.0, "qa": 1.5, "code": 2.0, "first": 0.7, "adj": 0.5}
# A long passage is read by windows of this length, another one every epoch.
WINDOW_TOKENS = 128
# Half of the examples meet others of their source and kind, which are harder to tell apart.
GROUPED_SHARE = 0.5
GROUP = 128


@dataclass(frozen=True, slots=True)
class Texts:
    """Token ids of many texts, end to end; text i is tokens[starts[i]:starts[i + 1]]."""

    tokens: NDArray[np.uint16]
    starts: NDArray[np.int64]

    def windows(
        self, rows: NDArray[np.int64], limit: int, draw: np.random.Generator
    ) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """Tokens of the rows' texts, a random window of those over the limit, and row lengths."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        kept = np.minimum(lengths, limit)
        first = self.starts[rows] + draw.integers(0, lengths - kept + 1)
        ends = np.cumsum(kept)
        places = np.arange(ends[-1]) + np.repeat(first - (ends - kept), kept)
        return self.tokens[places], kept


@dataclass(frozen=True, slots=True)
class Examples:
    """queries and passages belong together row by row.

    group: number of the pair's source and kind.
    copies: times an example is seen in one epoch, on average.
    """

    queries: Texts
    passages: Texts
    group: NDArray[np.int64]
    copies: NDArray[np.float64]

    def bags(
        self, rows: NDArray[np.int64], draw: np.random.Generator
    ) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """Tokens of the rows' queries, then of their passages, end to end, and their lengths."""
        queries, passages = (
            side.windows(rows, WINDOW_TOKENS, draw) for side in (self.queries, self.passages)
        )
        tokens = np.concatenate([queries[0], passages[0]])
        return tokens, np.concatenate([queries[1], passages[1]])

    def epoch(self, draw: np.random.Generator) -> NDArray[np.int64]:
        """Rows in the order in which one epoch sees them."""
        count = len(self.group)
        times = np.floor(self.copies + draw.random(count)).astype(np.int64)
        rows = draw.permutation(np.repeat(np.arange(count), times))
        loose = int(len(rows) * (1 - GROUPED_SHARE)) // GROUP * GROUP
        grouped = rows[loose:]
        grouped = grouped[np.argsort(self.group[grouped], kind="stable")]
        grouped = grouped[: len(grouped) // GROUP * GROUP]
        blocks = np.concatenate([rows[:loose], grouped]).reshape(-1, GROUP)
        return draw.permutation(blocks).ravel()


def examples(pairs: Iterable[Pair]) -> Examples:
    """The pairs tokenised; those with a side of no token are left out."""
    tokens = WordTokens()
    sides: tuple[list[NDArray[np.uint16]], list[NDArray[np.uint16]]] = ([], [])
    groups: dict[tuple[str, str], int] = {}
    group: list[int] = []
    copies: list[float] = []
    for pair in pairs:
        query, passage = tokens.of(pair.query), tokens.of(pair.passage)
        if len(query) and len(passage):
            sides[0].append(query)
            sides[1].append(passage)
            group.append(groups.setdefault((pair.source, pair.kind), len(groups)))
            copies.append(COPIES.get(pair.kind, 1.0))
    return Examples(_texts(sides[0]), _texts(sides[1]), np.array(group), np.array(copies))


def batches(rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Whole batches of rows, the rest left out."""
    yield from rows[: len(rows) // size * size].reshape(-1, size)


def _texts(parts: list[NDArray[np.uint16]]) -> Texts:
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return Texts(np.concatenate(parts), starts)
