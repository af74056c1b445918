"""Weights of the extractive answerer's features: listwise logistic regression."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.evaluation.answers.containment import holds
from trinax.evaluation.extraction.readings import Reading
from trinax.evaluation.logistic import Array
from trinax.models.extractive.asking import asked
from trinax.models.extractive.features import NAMES, material, matrix, words

RIDGE = 1e-3
STEPS = 300
RATE = 0.05
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """features: (n excerpts, len(NAMES)). held: whether an excerpt holds an answer; gold: and
    stands in a document that answers the question."""

    features: Array
    held: Array
    gold: Array
    article: str


def examples(readings: Sequence[Reading], embedder: Embedder) -> Iterator[Example]:
    """Of the questions that have an answer."""
    for reading in readings:
        given = material(reading.passages, reading.scores, embedder)
        if not reading.answers or not given.parts:
            continue
        question = asked(reading.question)
        features = matrix(question, words(question.text, given), given, embedder)
        held = [holds(part.text, reading.answers) for part in given.parts]
        files = [reading.passages[part.n - 1].file for part in given.parts]
        gold = [one and file in reading.gold for one, file in zip(held, files, strict=True)]
        yield Example(features, np.array(held), np.array(gold), reading.article)


def fit(given: Sequence[Example]) -> Array:
    """(len(NAMES),) weights under which the gold excerpts of a question are likely together.

    Questions without one teach nothing. Source: ListNet's top-one probabilities (Cao et al. 2007),
    summed over the gold excerpts; gradient descent by Adam (Kingma and Ba 2015).
    """
    taught = [one for one in given if one.gold.any()]
    rows = np.concatenate([one.features for one in taught])
    gold = np.concatenate([one.gold for one in taught]).astype(np.float64)
    sizes = np.array([len(one.features) for one in taught])
    starts, owner = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(taught)), sizes)
    spread = rows.std(axis=0)
    spread[spread == 0] = 1.0
    rows = (rows - rows.mean(axis=0)) / spread
    weights, mean, square = (np.zeros(rows.shape[1]) for _ in range(3))
    for step in range(1, STEPS + 1):
        scores = rows @ weights
        likely = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        wanted = likely * gold + 1e-30 * gold
        all_ = likely / np.add.reduceat(likely, starts)[owner]
        ours = wanted / np.add.reduceat(wanted, starts)[owner]
        gradient = rows.T @ (all_ - ours) / len(taught) + RIDGE * weights
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        move = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        weights = weights - RATE * move
    return np.asarray(weights / spread)


def best_holds(given: Sequence[Example], weights: Array) -> list[bool]:
    """For each question whether the excerpt that scores best holds an answer."""
    return [bool(one.held[np.argmax(one.features @ weights)]) for one in given]


def held_out(given: Sequence[Example]) -> list[bool]:
    """best_holds() by weights that were fitted to other articles."""
    articles = sorted({one.article for one in given})
    fold = {article: i % FOLDS for i, article in enumerate(articles)}
    found: list[bool] = []
    for i in range(FOLDS):
        weights = fit([one for one in given if fold[one.article] != i])
        found += best_holds([one for one in given if fold[one.article] == i], weights)
    return found


def constants(weights: Array) -> str:
    """As weights.py holds them."""
    return "\n".join(
        f'    "{name}": {weight:.2f},' for name, weight in zip(NAMES, weights, strict=True)
    )
