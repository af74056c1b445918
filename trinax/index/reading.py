"""Texts read into terms, many at a time: a search reads all its passages at once.

What stands between blanks comes again and again. It is found by a hash of its bytes, of all texts
together, in NumPy, sooner than one after the other (docs/decisions/0031-search-in-milliseconds.md).
"""

import secrets
import threading
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trinax.index import analysis, words

Terms = NDArray[np.uint32]
Integers = NDArray[np.int64]

# Runs of a language that are remembered: of those that share a place the latest.
PLACE_BITS = 17
# Less is read sooner one run after the other.
FEW_CHARACTERS = 4096
# Longer ones (base64) hardly come again.
RUN_BYTES = 64
# Of the runs that are remembered; where there are more all are forgotten.
TERMS = 1 << 20

WORD_BYTES = 8
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(WORD_BYTES + 1)], np.uint64)
_IS_BLANK = np.array([byte in words.BLANKS for byte in range(256)])
# Drawn, so that nobody knows beforehand which runs share a hash.
_SEED = np.uint64(secrets.randbits(64))

NONE = np.zeros(0, np.uint32)


class Reading(NamedTuple):
    """The term ids of a text as they follow each other. grams: of scripts without spaces."""

    words: Terms
    grams: Terms


def readings(texts: Sequence[str], language: str = "") -> list[Reading]:
    """Of each text. language: of all, as in analysis.document_terms()."""
    cut = [analysis.spaced(text) for text in texts]
    grams = [np.array(found, np.uint32) if found else NONE for _, found in cut]
    return list(map(Reading, _runs(language).terms([text for text, _ in cut]), grams))


def joined(*readings: Reading) -> Terms:
    """The terms of texts that follow each other, those of scripts without spaces last."""
    return np.concatenate([one.words for one in readings] + [one.grams for one in readings])


class _Runs:
    """What is between blanks, and the terms of it, in one language. Any thread may use it."""

    def __init__(self, language: str) -> None:
        self._known = analysis.run_ids(language)
        self._lock = threading.Lock()
        # A row for each place: the hash of the run there, where its terms begin, how many they are.
        self._table = np.zeros((1 << PLACE_BITS, 3), np.int64)
        self._terms = np.zeros(TERMS, np.uint32)
        self._used = 0

    def terms(self, texts: Sequence[str]) -> list[Terms]:
        """Of each text, as they follow each other."""
        if sum(map(len, texts)) < FEW_CHARACTERS:
            return [self._plainly(text) for text in texts]
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        buffer = b"\n".join([b"", *encoded, b""])
        begins, ends = _runs_of(buffer)
        found, sizes = self._looked_up(buffer, begins, ends)
        # Where each text begins, in bytes, then in runs, then in terms.
        places = list(accumulate((1 + len(one) for one in encoded), initial=0))
        totals = np.concatenate([[0], np.cumsum(sizes)])
        cuts = totals[np.searchsorted(begins, places)].tolist()
        return [found[start:end] for start, end in pairwise(cuts)]

    def _plainly(self, text: str) -> Terms:
        ids = chain.from_iterable(map(self._known.__getitem__, words.runs(text)))
        return np.fromiter(ids, np.uint32)

    def _looked_up(self, buffer: bytes, begins: Integers, ends: Integers) -> tuple[Terms, Integers]:
        """The terms of all runs, and how many each has."""
        mixed = _hashed(buffer, begins, ends)
        places, hashes = (mixed >> np.uint64(64 - PLACE_BITS)).view(np.int64), mixed.view(np.int64)
        with self._lock:
            held, starts, sizes = self._table[places].T
            new = np.flatnonzero((held != hashes) | (ends - begins > RUN_BYTES))
            read = [
                self._known[buffer[begin:end].decode("utf-8", "surrogatepass")]
                for begin, end in zip(begins[new].tolist(), ends[new].tolist(), strict=True)
            ]
            lengths = np.array([*map(len, read)], np.int64)
            # Behind all that are remembered.
            starts[new], sizes[new] = TERMS + np.cumsum(lengths) - lengths, lengths
            at = np.arange(sizes.sum()) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
            is_read = np.flatnonzero(at >= TERMS)
            more = np.array([*chain.from_iterable(read)], np.uint32)
            wanted = at[is_read] - TERMS
            at[is_read] = 0
            found = self._terms[at]
            found[is_read] = more[wanted]
            self._remember(places[new], hashes[new], lengths, more)
        return found, sizes

    def _remember(self, places: Integers, hashes: Integers, sizes: Integers, terms: Terms) -> None:
        if self._used + len(terms) > TERMS:
            self._table[:], self._used = 0, 0
        if len(terms) > TERMS:
            return
        end = self._used + len(terms)
        self._terms[self._used : end] = terms
        starts = self._used + np.cumsum(sizes) - sizes
        self._table[places] = np.stack([hashes, starts, sizes], axis=1)
        self._used = end


@cache
def _of_language(language: str) -> _Runs:
    return _Runs(language)


def _runs(language: str) -> _Runs:
    return _of_language(language or analysis.ASSUMED_LANGUAGE)


def _runs_of(buffer: bytes) -> tuple[Integers, Integers]:
    """Where runs begin and end. buffer: from one blank to another."""
    is_blank = _IS_BLANK[np.frombuffer(buffer, np.uint8)]
    edges = np.flatnonzero(is_blank[1:] != is_blank[:-1]) + 1
    return edges[::2], edges[1::2]


def _hashed(buffer: bytes, begins: Integers, ends: Integers) -> NDArray[np.uint64]:
    """Of the length and the first RUN_BYTES of each run."""
    padded = buffer + bytes(WORD_BYTES)
    held = np.ndarray((len(buffer),), "<u8", padded, strides=(1,))
    hashes = (ends - begins).astype(np.uint64) ^ _SEED
    left = np.arange(len(begins))
    for at in range(0, RUN_BYTES, WORD_BYTES):
        sizes = ends[left] - begins[left] - at
        left, sizes = left[sizes > 0], sizes[sizes > 0]
        if not len(left):
            break
        word = held[begins[left] + at] & _MASKS[np.minimum(sizes, WORD_BYTES)]
        hashes[left] = _mixed(hashes[left] ^ word)
    return hashes


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit depends on all. Source: splitmix64 of Steele, Lea and Flood, OOPSLA 2014."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
