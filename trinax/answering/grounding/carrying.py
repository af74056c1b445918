"""Whether a passage carries a sentence: its words, its meaning, its figures."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from trinax.answering.grounding.citations import without_citations
from trinax.answering.grounding.figures import figures, missing
from trinax.answering.grounding.passages import Prepared, prepared
from trinax.answering.grounding.sentences import CLAUSE_CHARACTERS
from trinax.answering.records import Source
from trinax.embedding.ports import Embedder
from trinax.index import analysis
from trinax.index.languages import language
from trinax.index.stopwords import STOPWORDS

# Probability that a passage carries a sentence, by the share of the sentence's content words that
# stand in it and by the cosine of the sentence with what is nearest in the passage. Fitted and
# judged by `python -m trinax.evaluation.grounding`; docs/decisions/0009-citations.md.
# A passage carries what scores so much. In another language little can be compared, so a citation
# has the benefit of the doubt.
FLOOR = 0.5
OTHER_FLOOR = 0.3
# At most this for a sentence with a figure that its passage does not have.
WRONG_FIGURE = 0.2
REMEMBERED = 64

Floats = NDArray[np.float64]
Held = NDArray[np.bool_]


Coefficients = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """Constant, share, near, cosine: for a passage in the sentence's language, in another one, and
    where there is no embedder."""

    same: Coefficients = (-6.0, 3.79, 6.87, 7.45)
    other: Coefficients = (-1.58, 0.71, 2.22, 12.08)
    words: Coefficients = (-4.4, 5.32, 9.11, 0.0)


FITTED = Weights()


@dataclass(frozen=True, slots=True)
class Features:
    """Of a text and one or more passages. share: of the text's content words, the rare ones
    counting more, in the passages. near: the same of two neighbouring sentences, of headings and
    file names. cosine: in [0, 1], None without an embedder. missing: figures of the text that no
    passage has. other: whether the passages are in another language."""

    share: float
    near: float
    cosine: float | None
    missing: int
    other: bool


def score(found: Features, weights: Weights = FITTED) -> float:
    """In [0, 1]."""
    if found.cosine is None:
        constant, share, near, cosine = weights.words
    else:
        constant, share, near, cosine = weights.other if found.other else weights.same
    logit = constant + share * found.share + near * found.near + cosine * (found.cosine or 0.0)
    sure = 1 / (1 + exp(-max(-60.0, min(60.0, logit))))
    return min(sure, WRONG_FIGURE) if found.missing else sure


@dataclass(frozen=True, slots=True)
class _Clause:
    """A text to be carried."""

    words: tuple[frozenset[int], ...]
    held: Held
    weights: Floats
    figures: list[frozenset[str]]
    language: str
    vector: NDArray[np.float32] | None


class Carriers:
    """The sources of one answer, made once; for one thread at a time."""

    def __init__(
        self,
        sources: Sequence[Source],
        embedder: Embedder | None = None,
        question: str = "",
        weights: Weights = FITTED,
    ) -> None:
        """question: tells the language of sentences too short to tell their own. Blocks for
        milliseconds."""
        self._embedder = embedder
        self._weights = weights
        self._prepared = {source.n: prepared(source, embedder) for source in sources}
        self._rows: list[frozenset[int]] = []
        self._places: dict[int, slice] = {}
        for n, passage in self._prepared.items():
            start = len(self._rows)
            self._rows += [*passage.terms, passage.above]
            self._places[n] = slice(start, len(self._rows))
        self._languages = [source.passage.language for source in sources]
        self._spoken = language(question)
        self._remembered: OrderedDict[str, _Clause] = OrderedDict()

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(self._prepared)

    def prepared(self, n: int) -> Prepared:
        return self._prepared[n]

    def states(self, text: str) -> int:
        """How many content words a text has, each counted once."""
        return len(self._clause(text).words)

    def words(self, text: str) -> Sequence[frozenset[int]]:
        """Term ids of each content word, each word once."""
        return self._clause(text).words

    def scores(self, text: str) -> dict[int, float]:
        """How far each passage alone carries a text; none if it states nothing."""
        clause = self._clause(text)
        if not clause.words:
            return {}
        return {n: score(self._features(clause, [n]), self._weights) for n in self._prepared}

    def together(self, text: str, numbers: Iterable[int]) -> float:
        """How far several passages carry a text between them; 0 without any."""
        known = [n for n in numbers if n in self._prepared]
        clause = self._clause(text)
        if not known or not clause.words:
            return 0.0
        return score(self._features(clause, known), self._weights)

    def floor(self, text: str, numbers: Iterable[int]) -> float:
        """The score from which these passages carry a text."""
        spoken = self._clause(text).language
        languages = {self._prepared[n].language for n in numbers}
        return OTHER_FLOOR if _is_other(spoken, languages) else FLOOR

    def cosines(self, text: str, passage: Prepared) -> list[float]:
        """Of a text with each sentence of the passage; zeros without an embedder."""
        vector, units = self._clause(text).vector, len(passage.units)
        if vector is None or not len(passage.vectors):
            return [0.0] * units
        return [float(cosine) for cosine in passage.vectors[:units] @ vector]

    def features(self, text: str, n: int) -> Features:
        return self._features(self._clause(text), [n])

    def _features(self, clause: _Clause, numbers: Sequence[int]) -> Features:
        passages = [self._prepared[n] for n in numbers]
        held = frozenset[str]().union(*(passage.figures for passage in passages))
        found = [clause.held[self._places[n]] for n in numbers]
        share = float(np.logical_or.reduce([one.any(axis=0) for one in found]) @ clause.weights)
        # Of several passages each may bring its own two sentences.
        near = float(
            np.logical_or.reduce([_best(one, clause.weights) for one in found]) @ clause.weights
        )
        cosines = [
            float((passage.vectors @ clause.vector).max())
            for passage in passages
            if clause.vector is not None and len(passage.vectors)
        ]
        spoken = {passage.language for passage in passages}
        other = _is_other(clause.language, spoken)
        cosine = max(0.0, max(cosines)) if cosines else None
        return Features(share, near, cosine, missing(clause.figures, held), other)

    def _held(self, words: Sequence[frozenset[int]]) -> Held:
        """(rows, words): which of the words stand in each sentence of all passages, and above."""
        rows = [[not word.isdisjoint(terms) for word in words] for terms in self._rows]
        return np.array(rows, dtype=np.bool_).reshape(len(self._rows), len(words))

    def _clause(self, text: str) -> _Clause:
        if text in self._remembered:
            self._remembered.move_to_end(text)
            return self._remembered[text]
        clause = self._analysed(text)
        self._remembered[text] = clause
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return clause

    def _analysed(self, text: str) -> _Clause:
        plain = without_citations(text[-CLAUSE_CHARACTERS:])
        spoken = language(plain) or self._spoken
        stemmed_by = list(dict.fromkeys(filter(None, [spoken, *self._languages])))
        found = analysis.query_words(plain, stemmed_by)
        stops = STOPWORDS.get(spoken or analysis.ASSUMED_LANGUAGE, frozenset())
        # "It is so" is made of stop words only, which are then kept for searching.
        said = not all(word.casefold() in stops for word, _ in found)
        words = tuple({frozenset(ids) for _, ids in found if ids}) if said else ()
        held = self._held(words)
        vector = self._embedder.passages([plain])[0] if self._embedder and words else None
        sentences = np.delete(held, [place.stop - 1 for place in self._places.values()], axis=0)
        return _Clause(words, held, _weights(sentences), figures(plain), spoken, vector)


def _best(held: Held, weights: Floats) -> NDArray[np.bool_]:
    """The words in the two neighbouring sentences that have most of them, and in the headings."""
    sentences, above = held[:-1], held[-1:]
    if len(sentences) > 1:
        sentences = sentences[:-1] | sentences[1:]
    together = sentences | above if len(sentences) else above
    best: Held = together[int(np.argmax(together @ weights))]
    return best


def _is_other(spoken: str, languages: set[str]) -> bool:
    """Whether a text's language is known and none of these."""
    return bool(spoken and languages) and languages.isdisjoint({spoken, ""})


def _weights(held: Held) -> Floats:
    """How much each word tells, 1 in all: the fewer sentences have it, the more."""
    weights = np.log(1 + (len(held) + 1) / (held.sum(axis=0) + 1))
    return np.asarray(weights / max(weights.sum(), 1e-9), dtype=np.float64)
