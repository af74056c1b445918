"""What the words of candidates tell about each other and about the question, as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trinax.index import analysis
from trinax.index.reading import NONE, Terms

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Words of the question that stand closer than this are near.
NEAR_TERMS = 4
WINDOW_TERMS = 25
# Of the question's words in a text, how many in a row are looked at together.
NEAR_HITS = 6
WINDOW_HITS = 12
# The first texts tell which words of the question are common here; one that all of them hold
# counts for nothing, one that none holds for 1, as the logarithm of COMMON.
FIRST = 10
COMMON = 0.02
# Between two texts, so that nothing is near across them.
GAP_TERMS = 1000
# A term's id stands above its place in one number.
PLACE_BITS = 32
PLACES = (1 << PLACE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Cells:
    """How often each term stands in each text that holds it, term by term. rows: which text.
    columns: which term, from 0. counts: how often. terms: id of each column, ascending. number:
    of texts."""

    rows: Integers
    columns: Integers
    counts: Integers
    terms: NDArray[np.uint64]
    number: int

    def held(self) -> Integers:
        """How many texts hold each term."""
        return np.asarray(np.bincount(self.columns, minlength=len(self.terms)), np.int64)

    def summed(self, values: Array | Integers) -> Array:
        """Of each text the sum of a value for each cell."""
        return np.asarray(np.bincount(self.rows, values, self.number), np.float64)


@dataclass(frozen=True, slots=True)
class Texts:
    """Several texts, one after the other. sorted: id and place of each term, ascending. rows: which
    text a place is in. cells: of the terms."""

    sorted: NDArray[np.uint64]
    rows: Integers
    cells: Cells


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a question's words stand in texts. rows: which text. at: its place. words: which
    word of the question. masses: what each of its words weighs, 1 in sum. number: of texts."""

    rows: Integers
    at: Integers
    words: Integers
    masses: Array
    number: int


def laid(sequences: Sequence[Terms]) -> tuple[Terms, Integers]:
    """The term ids of all texts, one after the other, and which text each is in. sequences: of
    each; none are fine."""
    sizes = np.array([*map(len, sequences)], np.int64)
    return np.concatenate([NONE, *sequences]), np.repeat(np.arange(len(sequences)), sizes)


def texts(sequences: Sequence[Terms]) -> Texts:
    """sequences: as for laid()."""
    laid_out, rows = laid(sequences)
    ids = laid_out.astype(np.uint64)
    # One number for both: sorting pairs takes several times as long.
    ordered = np.sort((ids << PLACE_BITS) | np.arange(len(ids), dtype=np.uint64))
    return Texts(ordered, rows, _cells(ordered, rows, len(sequences)))


def _cells(ordered: NDArray[np.uint64], rows: Integers, number: int) -> Cells:
    terms = np.asarray(ordered >> PLACE_BITS, np.uint64)
    standing = rows[(ordered & PLACES).astype(np.int64)]
    is_term, is_cell = np.ones(len(terms), bool), np.ones(len(terms), bool)
    is_term[1:] = terms[1:] != terms[:-1]
    is_cell[1:] = is_term[1:] | (standing[1:] != standing[:-1])
    starts = np.flatnonzero(is_cell)
    columns = np.cumsum(is_term[starts]) - 1
    counts = np.diff(starts, append=len(terms))
    return Cells(standing[starts], columns, counts, terms[is_term], number)


def hits(found: Texts, words: Sequence[frozenset[int]], masses: Array) -> Hits:
    """words: term ids of each word, in the question's order; the first that has an id counts."""
    home = {id: place for place in reversed(range(len(words))) for id in words[place]}
    known = np.array([*home], np.uint64) << PLACE_BITS
    first = np.searchsorted(found.sorted, known).tolist()
    last = np.searchsorted(found.sorted, known | PLACES, "right").tolist()
    runs = [found.sorted[a:b] & PLACES for a, b in zip(first, last, strict=True)]
    sizes = [b - a for a, b in zip(first, last, strict=True)]
    at = np.concatenate([*runs, np.zeros(0, np.uint64)]).astype(np.int64)
    order = np.argsort(at)
    at = at[order]
    held = np.repeat(np.array([*home.values()], np.int64), sizes)[order]
    rows = found.rows[at]
    return Hits(rows, at + GAP_TERMS * rows, held, masses, found.cells.number)


def pairs(found: Hits, reach_terms: int = NEAR_TERMS) -> Array:
    """Share of the question's neighbouring words that stand near each other in each text.

    A pair weighs as much as its lighter word. reach_terms: 1 takes only pairs without anything
    between, in the question's order.
    """
    weights = np.minimum(found.masses[1:], found.masses[:-1])
    near = np.zeros((found.number, len(weights)), bool)
    later, distance = _behind(found, NEAR_HITS)
    first, second = found.words, found.words[later]
    close = (distance <= reach_terms) & (
        (second - first == 1) | ((first - second == 1) & (reach_terms > 1))
    )
    lag, at = np.nonzero(close)
    near[found.rows[at], np.minimum(first[at], second[lag, at])] = True
    return np.asarray(near @ weights) / (weights.sum() or 1.0)


def window(found: Hits) -> Array:
    """The largest share of the question that stands within WINDOW_TERMS, in each text. Of 64 words
    at most."""
    held = np.uint64(1) << found.words.astype(np.uint64)
    later, distance = _behind(found, WINDOW_HITS)
    behind = np.where(distance <= WINDOW_TERMS, held[later], np.uint64(0))
    together = held | np.bitwise_or.reduce(behind, axis=0)
    words = np.arange(len(found.masses), dtype=np.uint64)
    best = np.zeros(found.number)
    np.maximum.at(best, found.rows, (together[:, None] >> words & 1) @ found.masses)
    return best


def _behind(found: Hits, number: int) -> tuple[Integers, Integers]:
    """Of each hit the next ones, (number, hits), and how far they are; the last hits have
    themselves there, too far."""
    size = len(found.at)
    later = np.arange(1, number + 1)[:, None] + np.arange(size)
    beyond = later >= size
    later[beyond] = 0
    distance = found.at[later] - found.at
    distance[beyond] = GAP_TERMS
    return later, distance


def rare(found: Hits, spread: Texts) -> Array:
    """How much of the question stands in each text, in [0, 1]: a word counts by its saturated
    frequency and by how few of the first texts hold it. spread: the texts."""
    shape = found.number, len(found.masses)
    cells = np.bincount(found.rows * shape[1] + found.words, minlength=shape[0] * shape[1])
    counts = cells.reshape(shape)
    share = (counts[:FIRST] > 0).mean(axis=0)
    few = np.log(COMMON + (1 - COMMON) * share) / np.log(COMMON)
    lengths = np.bincount(spread.rows, minlength=found.number)
    return np.asarray(_saturated(counts, lengths[:, None]) @ (found.masses * few))


def asked_for(found: Texts, words: Sequence[frozenset[int]]) -> Array:
    """Share of each text's different words that are the question's, a word weighing by how few of
    the texts hold it; 0 of an empty text."""
    cells = found.cells
    wanted = frozenset[int]().union(*words)
    asked = np.array([term in wanted for term in cells.terms.tolist()], bool)
    weights = _idf(cells)[cells.columns]
    return cells.summed(weights * asked[cells.columns]) / np.maximum(cells.summed(weights), 1e-9)


def likeness(found: Texts) -> Array:
    """Cosine of each text with each, (n, n), by their words, in [0, 1]. A word counts by its
    saturated frequency and by how few of the texts hold it."""
    cells = found.cells
    lengths = cells.summed(cells.counts)
    weights = _saturated(cells.counts, lengths[cells.rows]) * _idf(cells)[cells.columns]
    norms = np.sqrt(cells.summed(weights**2))
    weights /= np.maximum(norms, 1e-9)[cells.rows]
    # What one text alone holds makes it like no other.
    is_shared = cells.held() > 1
    places = np.cumsum(is_shared) - 1
    kept = is_shared[cells.columns]
    rows = np.zeros((cells.number, int(is_shared.sum())))
    rows[cells.rows[kept], places[cells.columns[kept]]] = weights[kept]
    alike = rows @ rows.T
    np.fill_diagonal(alike, norms > 0)
    return np.asarray(alike)


def _saturated(counts: Integers, lengths: Array | Integers) -> Array:
    damping = analysis.K1 * (1 - analysis.B + analysis.B * lengths / analysis.AVERAGE_TERMS)
    return np.asarray(counts / (counts + damping))


def _idf(cells: Cells) -> Array:
    held = cells.held()
    return np.asarray(np.log(1 + (cells.number - held + 0.5) / (held + 0.5)))
