"""Passages read with a question in mind: which of its words they hold and whom they name."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trinax.answering.research.names import STOPS, Name, names
from trinax.answering.research.records import Pass
from trinax.documents.chunking import SEPARATOR
from trinax.index import analysis
from trinax.index.records import Passage

Ids = frozenset[int]

# A word of a question counts by how rare it is among the passages found. They are a small and
# partial sample: as if there were so many times more passages without it.
SAMPLE = 20
CACHED_PASSAGES = 2048
WORDS_LIMIT = 32  # of a question; a pasted page has hundreds
NAMES_LIMIT = 40  # of a passage

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n")
_REMARK = re.compile(r"\s\([^()]{0,60}\)$")


@dataclass(frozen=True, slots=True)
class Text:
    """What a passage says, whatever is asked. weights: term id → BM25's side of it. titles: ids of
    the document's title and of each heading, without a remark in brackets. names: distinct ids →
    the name."""

    weights: Mapping[int, float]
    titles: tuple[Ids, ...]
    names: Mapping[Ids, Name]


@dataclass(frozen=True, slots=True)
class Question:
    """words: distinct ids of each word that is no stop word → how it is written."""

    text: str
    words: Mapping[Ids, str]
    ids: Ids


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage that some passes found. held: words of the question in it → their BM25 weight.
    first: its score in a pass with the question itself; later: its best in any other."""

    passage: Passage
    text: Text
    held: Mapping[Ids, float]
    first: float
    later: float


@dataclass(frozen=True, slots=True)
class Readings:
    """Of all passes, each passage once. idf: term id → weight; most: of a term found nowhere.
    worth: word of the question → idf of its rarest term."""

    question: Question
    every: tuple[Reading, ...]
    idf: Mapping[int, float]
    most: float
    worth: Mapping[Ids, float]

    def rarity(self, ids: Iterable[int]) -> float:
        """Of a name, by what is new in it: 0 where nothing is, 1 for a rare word."""
        new = [self.idf.get(id, self.most) for id in ids if id not in self.question.ids]
        return sum(new) / math.sqrt(len(new)) / self.most if new else 0.0


def asked(query: str) -> Question:
    words: dict[Ids, str] = {}
    for word, ids in analysis.query_words(query):
        if ids and len(words) < WORDS_LIMIT:
            words.setdefault(frozenset(ids), word)
    return Question(query, words, frozenset[int]().union(*words))


def readings(query: str, passes: Sequence[Pass]) -> Readings:
    """Every passage of the passes; those with the same text are one, the first found."""
    question = asked(query)
    found: dict[str, Passage] = {}
    scores: dict[tuple[str, bool], float] = {}
    for each in passes:
        is_first = each.question == query
        for ranked in each.found.ranked:
            key = " ".join(ranked.passage.chunk.text.split())
            found.setdefault(key, ranked.passage)
            scores[key, is_first] = max(scores.get((key, is_first), 0.0), ranked.score)
    texts = {key: _text_of(passage) for key, passage in found.items()}
    every = tuple(
        Reading(
            passage,
            texts[key],
            _held(question, texts[key]),
            scores.get((key, True), 0.0),
            scores.get((key, False), 0.0),
        )
        for key, passage in found.items()
    )
    counts = Counter(id for text in texts.values() for id in text.weights)
    size = len(texts) * SAMPLE
    idf = {id: _idf(size, count) for id, count in counts.items()}
    most = _idf(size, 0)
    worth = {ids: max(idf.get(id, most) for id in ids) for ids in question.words}
    return Readings(question, every, idf, most, worth)


def sentence_around(text: str, at: int) -> str:
    """The sentence of a text in which a character stands."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if end.start() > at:
            return text[start : end.start()]
        start = end.end()
    return text[start:]


def _idf(size: int, count: int) -> float:
    # Robertson and Zaragoza 2009, with 1 added so that it is never negative.
    return math.log(1 + (size - count + 0.5) / (count + 0.5))


def _held(question: Question, text: Text) -> dict[Ids, float]:
    weights = text.weights
    return {
        ids: max(weights[id] for id in ids if id in weights)
        for ids in question.words
        if not ids.isdisjoint(weights)
    }


def _text_of(passage: Passage) -> Text:
    return _text(passage.chunk.text, passage.chunk.context, passage.language)


@lru_cache(maxsize=CACHED_PASSAGES)
def _text(text: str, context: str, language: str) -> Text:
    terms = analysis.document_terms(text, context, "", language)
    titles = [_REMARK.sub("", part) for part in context.split(SEPARATOR) if part]
    found: dict[Ids, Name] = {}
    for name in [*(Name(title, 0) for title in titles), *names(text)]:
        if ids := _ids(name.text, language):
            found.setdefault(ids, name)
        if len(found) == NAMES_LIMIT:
            break
    own = tuple(ids for title in titles if (ids := _ids(title, language)))
    return Text(dict(zip(terms.ids, terms.weights, strict=True)), own, found)


def _ids(name: str, language: str) -> Ids:
    """As they stand in the passages of that language; a query's would be stemmed by several."""
    words = " ".join(word for word in name.split() if word.casefold() not in STOPS)
    return frozenset(analysis.document_terms(words, "", "", language).ids)
