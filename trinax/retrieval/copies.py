"""Passages that say nothing beside a better one: copies, versions, quoted mails, boilerplate."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trinax.index import analysis
from trinax.index.reading import Terms, joined, readings
from trinax.index.records import Passage
from trinax.retrieval import reading
from trinax.retrieval.features import laid
from trinax.retrieval.negation import negates

# Share of a passage's shingles that the better one must hold, a quick look at what follows.
# Source: Broder, On the resemblance and containment of documents, 1997.
SHARE = 0.85
# One word in so many may differ; of a passage with fewer than LEAST_WORDS none may, nor may the
# better one say more.
WORDS_A_CHANGE = 40
LEAST_WORDS = 20
SHINGLE_WORDS = 4
# Of a passage's different terms; less tells at once that it is no copy.
LIKELY_SHARE = 0.8
SLOTS = 1024
# Better passages that one is compared with.
LIKELY = 4
# Some 25 kB a text that was compared.
REMEMBERED_TEXTS = 256

UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Signs that alter what is said count as words; the others do not, nor do marks of quoted lines.
WORDS = re.compile(r"\w+(?:['’.]\w+)*|[-+−±<>=≠≤≥!&|^~%$€£¥°@/\\]")
# In code every sign does.
CODE_WORDS = re.compile(r"\w+|[^\w\s]")
QUOTED_LINE = re.compile(r"^[ \t]{0,8}(?:>[ \t]?){1,8}", re.MULTILINE)
CLAIMS = ("copyright", "©", "(c)")
COPYRIGHT = re.compile(r"^.{0,20}(?:copyright|©|\(c\)).{0,200}$", re.MULTILINE | re.IGNORECASE)

Shingle = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """words: as written. shingles: of the casefolded words, in order; held: the same, each once."""

    words: list[str]
    shingles: list[Shingle]
    held: frozenset[Shingle]


class Originals:
    """The passages of one ranking that are no copies; shown to it best first.

    A copy has nearly all of its words in one better passage, in the same order. Where the two
    differ there are no figures, signs, names or denials, and no word of the question is in the copy
    alone. Code, and text in a language whose denials are not known, must be there whole.
    """

    def __init__(self, asked: AbstractSet[int] = frozenset()) -> None:
        """asked: term ids of the question."""
        self._asked = asked
        self._kept: list[Passage] = []

    def originals(self, passages: Sequence[Passage]) -> list[Passage | None]:
        """The better passage that each is a copy of, None if it is none. passages: best first."""
        seen, start = [*self._kept, *passages], len(self._kept)
        copies: set[int] = set()
        found: list[Passage | None] = []
        for place, likely in enumerate(_likely(seen, start), start):
            better = [seen[one] for one in likely if one not in copies]
            found.append(self._original(seen[place], better[:LIKELY]))
            if found[-1]:
                copies.add(place)
        self._kept = [one for place, one in enumerate(seen) if place not in copies]
        return found

    def _original(self, passage: Passage, likely: Sequence[Passage]) -> Passage | None:
        for better in likely:
            added = difference(passage, better)
            if added is not None and self._covers(better, passage, added):
                return better
        return None

    def _covers(self, better: Passage, copy: Passage, added: Sequence[str]) -> bool:
        """Whether what the copy, its headings and its name have of the question is there too."""
        own = analysis.document_terms("", copy.chunk.context, copy.file, copy.language).ids
        if added:
            own = (*own, *analysis.occurrences(" ".join(added), copy.language))
        wanted = self._asked & {*own}
        return not wanted or wanted <= _ids(better)


def difference(passage: Passage, better: Passage) -> list[str] | None:
    """The words of a passage that a better one does not repeat; None if it is no copy of it,
    whoever asks."""
    is_code = not passage.language
    read, other = _read(passage.chunk.text, is_code), _read(better.chunk.text, is_code)
    if len(read.held & other.held) < SHARE * len(read.held):
        return None
    # Shingles that come again and again, as in rows of 0 and 1, tell nothing of their order.
    if len(read.words) < LEAST_WORDS or 2 * len(read.held) < len(read.shingles):
        return [] if read.shingles == other.shingles else None
    added = _told(_gaps(read, other), read, passage.language)
    lost = None if added is None else _told(_inner(other, read), other, passage.language)
    if added is None or lost is None:
        return None
    changes = WORDS_A_CHANGE * max(len(added), len(lost))
    return added if changes <= len(read.words) else None


@lru_cache(REMEMBERED_TEXTS)
def _read(text: str, is_code: bool) -> _Read:
    whole = text.strip()
    text = QUOTED_LINE.sub("", text) if ">" in text and not is_code else text
    text = _unclaimed(text) or whole
    text = text if text.isascii() else UNSPACED.sub(r" \g<0> ", text)
    words = (CODE_WORDS if is_code else WORDS).findall(text)
    folded = [word.casefold() for word in words]
    size = max(1, min(SHINGLE_WORDS, len(folded)))
    shingles = list(zip(*(folded[start:] for start in range(size)), strict=False))
    # Nothing but signs: the text itself is what can be the same.
    shingles = shingles or [(whole,)]
    return _Read(words, shingles, frozenset(shingles))


def _unclaimed(text: str) -> str:
    """Without years and holders; they are no reason to show a licence twice."""
    lowered = text.lower()
    return COPYRIGHT.sub("", text).strip() if any(one in lowered for one in CLAIMS) else text


def _likely(passages: Sequence[Passage], start: int) -> list[list[int]]:
    """Of each from `start` on, the places of those before it that hold most of its terms, best
    first."""
    ids, rows = laid(_terms(passages))
    # Sorted out by some of their bits, which makes texts a bit more alike and takes far less time.
    held = np.zeros((len(passages), SLOTS), np.float32)
    held[rows, ids % SLOTS] = 1
    shared, sizes = held[start:] @ held.T, held[start:].sum(axis=1)
    likely = np.tril(shared >= LIKELY_SHARE * sizes[:, None], start - 1)
    # Where there are no terms at all, the texts themselves are compared.
    likely[sizes == 0] &= held.sum(axis=1) == 0
    found: list[list[int]] = [[] for _ in sizes]
    for row in np.flatnonzero(likely.any(axis=1)).tolist():
        places = np.flatnonzero(likely[row])
        found[row] = places[np.argsort(-shared[row, places], kind="stable")].tolist()
    return found


def _terms(passages: Sequence[Passage]) -> list[Terms]:
    read = [one.text for one in reading.of(passages)]
    for place, passage in enumerate(passages):
        text = passage.chunk.text
        if (rest := _unclaimed(text)) is not text:
            (read[place],) = readings([rest], passage.language)
    return [joined(one) for one in read]


def _gaps(read: _Read, other: _Read) -> Iterator[tuple[int, int]]:
    """Stretches of words, half open, that no shared shingle reaches from both sides; empty ones
    where the other text has words that this one lacks."""
    size, last = len(read.shingles[0]), len(read.shingles) - 1
    first: int | None = None
    for place, shingle in enumerate(read.shingles):
        missing = shingle not in other.held
        if missing and first is None:
            first = place
        if first is not None and (not missing or place == last):
            ended = place if missing else place - 1
            start = 0 if first == 0 else first + size - 1
            yield start, len(read.words) if ended == last else ended + 1
            first = None


def _inner(better: _Read, read: _Read) -> Iterator[tuple[int, int]]:
    """As _gaps(), without what the better one has before and after: that is no difference."""
    leads, ends = read.shingles[0] in better.held, read.shingles[-1] in better.held
    for start, end in _gaps(better, read):
        if not (start == 0 and leads) and not (end == len(better.words) and ends):
            yield start, end


def _told(gaps: Iterator[tuple[int, int]], read: _Read, language: str) -> list[str] | None:
    """The words in these stretches; None if one of them may say something else."""
    found: list[str] = []
    for start, end in gaps:
        words = read.words[start:end]
        if any(_telling(word, language) for word in words):
            return None
        found += words
    return found


def _telling(word: str, language: str) -> bool:
    """Whether a text with this word may say something else than the same text without it."""
    return (
        not word.islower()
        or any(sign.isdigit() or sign == "_" for sign in word)
        or UNSPACED.search(word) is not None
        or negates(word, language) is not False
    )


def _ids(passage: Passage) -> frozenset[int]:
    chunk = passage.chunk
    found = analysis.document_terms(chunk.text, chunk.context, passage.file, passage.language)
    return frozenset(found.ids)
