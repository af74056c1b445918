"""How likely it is that the collections hold an answer, from what a search brought up."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import exp

# Only the best passages decide: an answer is written from them.
PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question. ids: its term ids, of which one is enough.

    weight: 1, less for a word of an earlier turn.
    gain: the BM25 score that the word can add at most, 0 if the collections lack it.
    """

    ids: frozenset[int]
    weight: float
    gain: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, and what against; each in [0, 1].

    coverage: share of the question that one of the best passages covers, its words weighted by
        gain, which grows with rarity.
    strength: BM25 score of the best passage over the sum of all gains: what coverage leaves out,
        namely how often the words stand there and how long the passage is.
    cosine: of the best dense candidate; None if it is not the fitted embedder's.
    sentence: share of the question that one sentence of these passages covers.
    contrary: 1 if the question denies something and that sentence denies nothing.
    """

    coverage: float = 0.0
    strength: float = 0.0
    cosine: float | None = None
    sentence: float = 0.0
    contrary: float = 0.0


@dataclass(frozen=True, slots=True)
class Logit:
    """A logistic model: the intercept and the slope of each kind of evidence."""

    intercept: float
    coverage: float = 0.0
    strength: float = 0.0
    cosine: float = 0.0
    sentence: float = 0.0
    contrary: float = 0.0

    def probability(self, evidence: Evidence) -> float:
        """In [0, 1]. Source: Platt 1999, over several features."""
        logit = (
            self.intercept
            + self.coverage * evidence.coverage
            + self.strength * evidence.strength
            + self.cosine * (evidence.cosine or 0.0)
            + self.sentence * evidence.sentence
            + self.contrary * evidence.contrary
        )
        return 1 / (1 + exp(-logit))


@dataclass(frozen=True, slots=True)
class Model:
    """covers: that the collections are about the question, fitted to questions of others.
    answers: that they answer it if they are, fitted to questions that only seem answerable."""

    covers: Logit
    answers: Logit


# Fitted by `python -m trinax.evaluation.calibrate`; docs/decisions/0003-fusion.md has the figures,
# and what was tried beside these and did not help on data it was not fitted on.
FULL = Model(
    covers=Logit(intercept=-9.31, coverage=1.44, strength=4.66, cosine=22.21, sentence=2.57),
    answers=Logit(intercept=1.77, cosine=3.24, sentence=1.38, contrary=-2.59),
)
LEXICAL = Model(
    covers=Logit(intercept=-5.79, coverage=5.18, strength=6.06, sentence=3.11),
    answers=Logit(intercept=2.76, sentence=1.77, contrary=-2.65),
)

# Another model's cosines lie elsewhere: unrelated texts get 0.1 from this one, 0.7 from many.
FITTED_EMBEDDER = "trinax-embed"


def probability(evidence: Evidence) -> float:
    """Calibrated probability in [0, 1] that the collections hold an answer: that they cover the
    question, times that they answer it if they do."""
    model = LEXICAL if evidence.cosine is None else FULL
    return model.covers.probability(evidence) * model.answers.probability(evidence)


def lexical(words: Sequence[Word], passages: Sequence[AbstractSet[int]], bm25: float) -> Evidence:
    """The part of the evidence that words give.

    passages: term ids of the best passages. bm25: the best raw score.
    """
    total = sum(masses(words))
    if not total or not passages:
        return Evidence()
    covered = max(coverages(words, passages))
    return Evidence(coverage=covered, strength=min(1.0, bm25 / total))


def coverages(words: Sequence[Word], texts: Sequence[AbstractSet[int]]) -> list[float]:
    """Share of the question that each text covers, in [0, 1]. texts: their term ids."""
    weights = masses(words)
    total = sum(weights) or 1.0
    return [
        sum(
            mass for mass, word in zip(weights, words, strict=True) if not word.ids.isdisjoint(text)
        )
        / total
        for text in texts
    ]


def masses(words: Sequence[Word]) -> list[float]:
    """What each word weighs."""
    # A word that the collections lack tells at least as much as the rarest one they hold.
    rarest = max((word.gain for word in words), default=0.0)
    return [word.weight * (word.gain or rarest) for word in words]
