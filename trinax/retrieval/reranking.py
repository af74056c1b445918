"""The second stage: the first passages of a ranking, in the order that their texts suggest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.index.reading import joined
from trinax.index.records import Passage, embedded_text
from trinax.retrieval import confidence, quoting, reading
from trinax.retrieval.confidence import Word
from trinax.retrieval.features import (
    Array,
    asked_for,
    hits,
    likeness,
    pairs,
    rare,
    texts,
    window,
)
from trinax.retrieval.pool import Pool

# Passages that are put in order. 20 rank less well, and every one takes time.
RERANKED = 30
# The passages that others are compared with: the first ones, each weighing exp(15 × score).
LEADERS = 10
EMBEDDED_LEADERS = 3
SHARPNESS = 15.0
# All other passages are what a passage is compared with, too, less sharply.
OTHERS_SHARPNESS = 8.0

# What is added to BM25 over its best score plus dense_weight × cosine. Fitted by
# `python -m trinax.evaluation.reranking`; docs/decisions/0024-second-stage.md has the figures.
WEIGHTS = {
    "cosine": 0.97,
    "near_best": 1.09,
    "like_best": 1.2,
    "like_others": 1.26,
    "pairs": 0.74,
    "near_pairs": 0.31,
    "window": 0.42,
    "headings": 0.83,
    "rare": 1.07,
}
# For holding what the question quotes; not fitted, for hardly a question of the datasets does.
QUOTED = 1.0
# Taken from vectors, so only with the embedder that the weights were fitted with.
DENSE = ("cosine", "near_best")


@dataclass(frozen=True, slots=True)
class Scored:
    """passages: best first, of different texts. scores: of each, by BM25 over its best plus
    dense_weight × cosine."""

    passages: Sequence[Passage]
    scores: Array


@dataclass(frozen=True, slots=True)
class Second:
    """What a second stage made of passages. order: their places, best first. scores: of each
    place. features: name → value of each place."""

    passages: Sequence[Passage]
    order: Sequence[int]
    scores: Array
    features: Mapping[str, Array]

    def added(self, place: int) -> dict[str, float]:
        """What each feature added to the score of a place."""
        return {
            name: round(_weight(name) * float(column[place]), 3)
            for name, column in self.features.items()
        }


NOTHING = Second((), (), np.zeros(0), {})


def second(scored: Scored, features: Mapping[str, Array]) -> Second:
    """The order by scores and features together; ties stay as they are."""
    scores = scored.scores.copy()
    for name, column in features.items():
        scores += _weight(name) * column
    order = np.argsort(-scores, kind="stable").tolist()
    return Second(scored.passages, order, scores, features)


def features(
    scored: Scored, words: Sequence[Word], pool: Pool, embedder: Embedder | None
) -> dict[str, Array]:
    """Each a column of WEIGHTS, (n,); without DENSE unless the embedder is the fitted one."""
    if not len(scored.scores):
        return {}
    found = _of_words(scored, words)
    if not pool.dense or embedder is None or embedder.id != confidence.FITTED_EMBEDDER:
        return found
    return {**_of_vectors(scored, pool, embedder), **found}


def quoted(scored: Scored, question: str) -> dict[str, Array]:
    """A further column for a question that quotes something, else none."""
    wanted = quoting.phrases(question)
    if not wanted:
        return {}
    held = quoting.shares(wanted, [passage.chunk.text for passage in scored.passages])
    return {"quoted": np.array(held)}


def _of_vectors(scored: Scored, pool: Pool, embedder: Embedder) -> dict[str, Array]:
    ids = [passage.chunk.id for passage in scored.passages]
    weights = _leaders(scored.scores, EMBEDDED_LEADERS).astype(np.float32)
    best = [embedded_text(passage.chunk) for passage in scored.passages[: len(weights)]]
    centre = weights @ embedder.passages(best)
    near = pool.cosines(centre / max(1e-9, float(np.linalg.norm(centre))), ids)
    return {
        "cosine": np.array([max(0.0, pool.dense.get(id, 0.0)) for id in ids]),
        "near_best": np.array([near.get(id, 0.0) for id in ids]),
    }


def _of_words(scored: Scored, words: Sequence[Word]) -> dict[str, Array]:
    read = reading.of(scored.passages)
    found = texts([joined(one.context, one.text) for one in read])
    headings = texts([joined(one.context) for one in read])
    asked = [word.ids for word in words]
    masses = np.array(confidence.masses(words))
    places = hits(found, asked, masses / (masses.sum() or 1.0))
    alike = likeness(found)
    others = np.where(np.eye(len(alike), dtype=bool), 0.0, alike)
    leaders = _leaders(scored.scores, LEADERS)
    return {
        "like_best": alike[:, : len(leaders)] @ leaders,
        "like_others": others @ _leaders(scored.scores, len(alike), OTHERS_SHARPNESS),
        "pairs": pairs(places, reach_terms=1),
        "near_pairs": pairs(places),
        "window": window(places),
        "headings": asked_for(headings, asked),
        "rare": rare(places, found),
    }


def _weight(name: str) -> float:
    return WEIGHTS.get(name, QUOTED)


def _leaders(scores: Array, number: int, sharpness: float = SHARPNESS) -> Array:
    weights = np.exp(sharpness * (scores[:number] - scores.max()))
    return np.asarray(weights / weights.sum())
