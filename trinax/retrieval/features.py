"""What the words of candidates tell about each other and about the question, as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trinax.index import analysis

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
# Some 4 kB each with the text; questions about one thing come upon the same texts.
REMEMBERED_TEXTS = 4096
# Between two texts, so that nothing is near across them.
GAP_TERMS = 1000


@dataclass(frozen=True, slots=True)
class Texts:
    """Several texts, one after the other. ids: their terms. rows: which text a term stands in.
    at: its place. number: of texts."""

    ids: Integers
    rows: Integers
    at: Integers
    number: int


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a question's words stand in texts. rows: which text. at: its place. words: which
    word of the question. masses: what each of its words weighs, 1 in sum. number: of texts."""

    rows: Integers
    at: Integers
    words: Integers
    masses: Array
    number: int


@lru_cache(REMEMBERED_TEXTS)
def sequence(text: str, language: str) -> Integers:
    """analysis.sequence() as an array that cannot be written to."""
    ids = np.array(analysis.sequence(text, language), np.int64)
    ids.flags.writeable = False
    return ids


def texts(sequences: Sequence[Integers]) -> Texts:
    """sequences: the term ids of each text; at least one."""
    ids = np.concatenate(sequences)
    rows = np.repeat(np.arange(len(sequences)), [len(one) for one in sequences])
    return Texts(ids, rows, np.arange(len(ids)) + GAP_TERMS * rows, len(sequences))


def hits(found: Texts, words: Sequence[frozenset[int]], masses: Array) -> Hits:
    """words: term ids of each word, in the question's order; the first that has an id counts."""
    home = {id: place for place in reversed(range(len(words))) for id in words[place]}
    known = sorted(home)
    slots = np.searchsorted(known, found.ids).clip(max=max(0, len(known) - 1))
    held = np.isin(found.ids, known)
    places = np.array([home[id] for id in known], np.int64)
    return Hits(found.rows[held], found.at[held], places[slots[held]], masses, found.number)


def pairs(found: Hits, reach_terms: int = NEAR_TERMS) -> Array:
    """Share of the question's neighbouring words that stand near each other in each text.

    A pair weighs as much as its lighter word. reach_terms: 1 takes only pairs without anything
    between, in the question's order.
    """
    weights = np.minimum(found.masses[1:], found.masses[:-1])
    near = np.zeros((found.number, len(weights)), bool)
    for lag in range(1, min(NEAR_HITS, len(found.at) - 1) + 1):
        first, second = found.words[:-lag], found.words[lag:]
        close = (found.at[lag:] - found.at[:-lag] <= reach_terms) & (
            (second - first == 1) | ((first - second == 1) & (reach_terms > 1))
        )
        near[found.rows[lag:][close], np.minimum(first, second)[close]] = True
    return np.asarray(near @ weights) / (weights.sum() or 1.0)


def window(found: Hits) -> Array:
    """The largest share of the question that stands within WINDOW_TERMS, in each text."""
    size = len(found.at)
    held = np.zeros((size, len(found.masses)), bool)
    held[np.arange(size), found.words] = True
    for lag in range(1, min(WINDOW_HITS, size - 1) + 1):
        close = np.flatnonzero(found.at[lag:] - found.at[:-lag] <= WINDOW_TERMS)
        held[close + lag, found.words[close]] = True
    best = np.zeros(found.number)
    np.maximum.at(best, found.rows, held @ found.masses)
    return best


def rare(found: Hits, spread: Texts) -> Array:
    """How much of the question stands in each text, in [0, 1]: a word counts by its saturated
    frequency and by how few of the first texts hold it. spread: the texts."""
    counts = _counts(found.rows, found.words, found.number, len(found.masses))
    share = (counts[:FIRST] > 0).mean(axis=0)
    few = np.log(COMMON + (1 - COMMON) * share) / np.log(COMMON)
    lengths = np.bincount(spread.rows, minlength=found.number)
    return np.asarray(_saturated(counts, lengths) @ (found.masses * few))


def asked_for(found: Texts, words: Sequence[frozenset[int]]) -> Array:
    """Share of each text's different words that are the question's, a word weighing by how few of
    the texts hold it; 0 of an empty text."""
    terms, columns = np.unique(found.ids, return_inverse=True)
    held = _counts(found.rows, columns, found.number, len(terms)) > 0
    weights = _idf(held)
    asked = np.isin(terms, list(frozenset[int]().union(*words)))
    return np.asarray(held @ (weights * asked) / np.maximum(held @ weights, 1e-9))


def likeness(found: Texts) -> Array:
    """Cosine of each text with each, (n, n), by their words, in [0, 1]. A word counts by its
    saturated frequency and by how few of the texts hold it."""
    terms, columns = np.unique(found.ids, return_inverse=True)
    counts = _counts(found.rows, columns, found.number, len(terms))
    rows = _saturated(counts, counts.sum(axis=1)) * _idf(counts > 0)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows @ rows.T)


def _counts(rows: Integers, columns: Integers, number: int, width: int) -> Integers:
    cells = np.bincount(rows * width + columns, minlength=number * width)
    return np.asarray(cells.reshape(number, width))


def _saturated(counts: Integers, lengths: Integers) -> Array:
    damping = analysis.K1 * (1 - analysis.B + analysis.B * lengths / analysis.AVERAGE_TERMS)
    return np.asarray(counts / (counts + damping[:, None]))


def _idf(held: NDArray[np.bool_]) -> Array:
    number, holding = len(held), np.count_nonzero(held, axis=0)
    return np.asarray(np.log(1 + (number - holding + 0.5) / (holding + 0.5)))
