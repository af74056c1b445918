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
    """What speaks for an answer; each in [0, 1].

    coverage: share of the question that one of the best passages covers, its words weighted by
        gain, which grows with rarity.
    strength: BM25 score of the best passage over the sum of all gains: what coverage leaves out,
        namely how often the words stand there and how long the passage is.
    cosine: of the best dense candidate; None if it is not the fitted embedder's.
    """

    coverage: float = 0.0
    strength: float = 0.0
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Logit:
    """A logistic model: the intercept and the slope of each kind of evidence."""

    intercept: float
    coverage: float
    strength: float
    cosine: float = 0.0


# Fitted by `python -m trinax.evaluation.calibrate`; docs/decisions/0003-fusion.md has the figures,
# and what was tried beside these and did not help on data it was not fitted on.
FULL = Logit(intercept=-9.70, coverage=3.29, strength=5.58, cosine=18.57)
LEXICAL = Logit(intercept=-5.37, coverage=6.45, strength=7.11)

# Another model's cosines lie elsewhere: unrelated texts get 0.1 from this one, 0.7 from many.
FITTED_EMBEDDER = "trinax-embed"


def probability(evidence: Evidence) -> float:
    """Calibrated probability in [0, 1] that the collections cover the question.

    Source: Platt 1999, over several features.
    """
    model = LEXICAL if evidence.cosine is None else FULL
    logit = (
        model.intercept
        + model.coverage * evidence.coverage
        + model.strength * evidence.strength
        + model.cosine * (evidence.cosine or 0.0)
    )
    return 1 / (1 + exp(-logit))


def lexical(words: Sequence[Word], passages: Sequence[AbstractSet[int]], bm25: float) -> Evidence:
    """The part of the evidence that words give.

    passages: term ids of the best passages. bm25: the best raw score.
    """
    masses = _masses(words)
    total = sum(masses)
    if not total or not passages:
        return Evidence()
    covered = [
        sum(mass for mass, word in zip(masses, words, strict=True) if word.ids & passage)
        for passage in passages
    ]
    return Evidence(coverage=max(covered) / total, strength=min(1.0, bm25 / total))


def _masses(words: Sequence[Word]) -> list[float]:
    # A word that the collections lack tells at least as much as the rarest one they hold.
    rarest = max((word.gain for word in words), default=0.0)
    return [word.weight * (word.gain or rarest) for word in words]
