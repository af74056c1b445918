"""python -m trinax.evaluation.reranking DIR…: fit and judge the weights of the second stage.

The folders are datasets. Every question is searched once; what is fitted is nDCG@10 itself, in
the mean over the datasets. The column *held out* is what a dataset gets with weights fitted to
those that share neither title nor question with it, *shipped* what it gets with those in use.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from trinax.evaluation import builtin, metrics
from trinax.evaluation.arguments import named
from trinax.evaluation.calibrate import families
from trinax.evaluation.datasets import SEED, Dataset, some
from trinax.evaluation.metrics import mean
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, indexed
from trinax.index.ports import Store
from trinax.retrieval import fusion, reranking
from trinax.retrieval.evidence import weighed
from trinax.retrieval.pool import Wanted, collapse, gather
from trinax.retrieval.question import question
from trinax.retrieval.reranking import RERANKED, WEIGHTS, Scored

Array = NDArray[np.float64]

QUESTIONS = 300  # of each dataset
# A fit is the mean of this many, each to a sample of the questions drawn with replacement.
SAMPLES = 4
SAMPLE_QUESTIONS = 120  # of each dataset
START = 0.25  # of every weight
STEPS = (0.4, 0.2, 0.1, 0.05)
ROUNDS = 3
LEAST_GAIN = 1e-4  # of the mean nDCG@10 for a step to be taken
# A dataset that falls below the fused ranking counts so much more.
LOSS = 1.5
# Passages of which the first ten documents are taken.
DEPTH = 24
FIRST = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """One question's candidates. scores: (n,) fused. columns: (n, weights). documents: of each
    candidate. grades: of every judged document. bm25: nDCG@10 of BM25 alone. spent_ms: on the
    columns."""

    scores: Array
    columns: Array
    documents: tuple[str, ...]
    grades: Mapping[str, int]
    bm25: float
    spent_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Stack:
    """The questions of a dataset as arrays, candidates padded to RERANKED.

    scores: (q, n). columns: (q, n, weights). documents: (q, n), equal numbers for equal ones.
    grades: (q, n). ideal: (q,), the best DCG@10 there is.
    """

    scores: Array
    columns: Array
    documents: NDArray[np.int64]
    grades: Array
    ideal: Array

    def some(self, rows: NDArray[np.int64]) -> "Stack":
        return Stack(
            self.scores[rows],
            self.columns[rows],
            self.documents[rows],
            self.grades[rows],
            self.ideal[rows],
        )

    def ndcg(self, weights: Array) -> Array:
        """nDCG@10 of each question, a document standing where its best passage stands."""
        scores = self.scores + self.columns @ weights
        order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
        documents = np.take_along_axis(self.documents, order, 1)
        repeated = np.tril(documents[:, :, None] == documents[:, None, :], -1).any(axis=2)
        ranks = np.cumsum(~repeated, axis=1)
        counted = ~repeated & (ranks <= FIRST)
        gains = np.take_along_axis(self.grades, order, 1) * counted / np.log2(ranks + 1)
        return np.asarray(gains.sum(axis=1) / self.ideal)


def main() -> int:
    loaded = named("trinax.evaluation.reranking")
    parts = builtin.parts()
    found = {dataset.name: ranked(dataset, parts) for dataset in loaded}
    stacks = {name: stack(questions) for name, questions in found.items()}
    bm25 = {name: mean(one.bm25 for one in questions) for name, questions in found.items()}
    family = dict(zip(stacks, families(loaded), strict=True))
    print(report(stacks, bm25, held_out(stacks, family)))
    spent_ms = median(one.spent_ms for questions in found.values() for one in questions)
    print(f"\nfeatures of a question: {spent_ms:.1f} ms (p50)")
    print("fitted to all:", shown(fit([*stacks.values()])))
    return 0


def ranked(dataset: Dataset, parts: Parts) -> list[Ranked]:
    """The candidates of the judged questions, at most QUESTIONS of them."""
    judged = some(dataset.judged(), QUESTIONS)
    with indexed({"dataset": dataset.corpus}, parts) as registry:
        store = registry.get("dataset")
        return [_ranked(dataset, query_id, store, parts) for query_id in judged]


def _ranked(dataset: Dataset, query_id: str, store: Store, parts: Parts) -> Ranked:
    asked = question([(dataset.queries[query_id], 1.0)], parts.embedder)
    pool = gather([store], Wanted(asked.vector, asked.terms, parts.settings.candidates))
    weight = parts.settings.dense_weight
    fused = dict(fusion.weighted(pool.bm25, pool.dense, weight, pool.floor))
    passages, _ = collapse([*fused], pool.passages, RERANKED)
    scores = np.array([fused[one.chunk.id] for one in passages])
    scored = Scored(passages, scores * fusion.largest(pool.bm25, pool.dense, weight))
    weighted = weighed(asked, pool, passages)
    start = time.perf_counter()
    found = reranking.features(scored, weighted, pool, parts.embedder)
    spent_ms = 1000 * (time.perf_counter() - start)
    nothing = np.zeros(len(passages))
    words, _ = collapse([*pool.bm25], pool.passages, RERANKED)
    grades = dataset.qrels[query_id]
    return Ranked(
        scored.scores,
        np.column_stack([found.get(name, nothing) for name in WEIGHTS]),
        tuple(one.file for one in passages),
        grades,
        metrics.ndcg([*dict.fromkeys(one.file for one in words)], grades, FIRST),
        spent_ms,
    )


def stack(questions: Sequence[Ranked]) -> Stack:
    shape = (len(questions), RERANKED)
    scores, grades = np.full(shape, -np.inf), np.zeros(shape)
    columns = np.zeros((*shape, len(WEIGHTS)))
    # Padding is of no document.
    documents = np.tile(np.arange(-RERANKED, 0), (len(questions), 1))
    ideal = np.zeros(len(questions))
    for row, one in enumerate(questions):
        size = len(one.scores)
        numbers = {name: number for number, name in enumerate(dict.fromkeys(one.documents))}
        scores[row, :size], columns[row, :size] = one.scores, one.columns
        documents[row, :size] = [numbers[name] for name in one.documents]
        grades[row, :size] = [max(0, one.grades.get(name, 0)) for name in one.documents]
        best = sorted((max(0, grade) for grade in one.grades.values()), reverse=True)[:FIRST]
        ideal[row] = sum(grade / np.log2(rank + 1) for rank, grade in enumerate(best, start=1))
    return Stack(scores, columns, documents, grades, ideal)


def fit(stacks: Sequence[Stack]) -> Array:
    """The weights; the mean of fits to samples of the questions, which vary less than one."""
    draw = np.random.default_rng(SEED)
    fits = []
    for _ in range(SAMPLES):
        sizes = [len(one.ideal) for one in stacks]
        rows = [draw.integers(0, size, min(size, SAMPLE_QUESTIONS)) for size in sizes]
        fits.append(_ascended([one.some(some) for one, some in zip(stacks, rows, strict=True)]))
    return np.asarray(np.mean(fits, axis=0))


def _ascended(stacks: Sequence[Stack]) -> Array:
    """Coordinate ascent on nDCG@10. Source: Metzler and Croft, Information Retrieval 10, 2007."""
    fused = [one.ndcg(np.zeros(len(WEIGHTS))).mean() for one in stacks]

    def gain(weights: Array) -> float:
        gains = [one.ndcg(weights).mean() - was for one, was in zip(stacks, fused, strict=True)]
        return mean(each if each > 0 else LOSS * each for each in gains)

    weights = np.full(len(WEIGHTS), START)
    best = gain(weights)
    for _ in range(ROUNDS):
        before = best
        for each in np.eye(len(WEIGHTS)):
            for step in (sign * size for size in STEPS for sign in (1, -1)):
                weights, best = _moved(weights, step * each, best, gain)
        if best == before:
            break
    return weights


def _moved(
    weights: Array, step: Array, best: float, gain: Callable[[Array], float]
) -> tuple[Array, float]:
    """As far as it gains."""
    while (found := gain(weights + step)) > best + LEAST_GAIN:
        weights, best = weights + step, found
    return weights, best


def held_out(stacks: Mapping[str, Stack], family: Mapping[str, int]) -> dict[str, Array]:
    """nDCG@10 of each dataset's questions with weights fitted to other families."""
    fits = {
        each: fit([one for name, one in stacks.items() if family[name] != each])
        for each in dict.fromkeys(family.values())
    }
    return {name: one.ndcg(fits[family[name]]) for name, one in stacks.items()}


def report(
    stacks: Mapping[str, Stack], bm25: Mapping[str, float], held: Mapping[str, Array]
) -> str:
    """A row for each dataset and their mean. ±: of *held out* over *fused*, the standard error."""
    shipped = np.array([*WEIGHTS.values()])
    rows: dict[str, list[float]] = {}
    for name, one in stacks.items():
        fused = one.ndcg(np.zeros(len(WEIGHTS)))
        gains = held[name] - fused
        error = float(gains.std() / np.sqrt(len(gains)))
        after = float(held[name].mean())
        rows[name] = [bm25[name], fused.mean(), after, gains.mean(), error]
        rows[name].append(float(one.ndcg(shipped).mean()))
    rows["mean"] = [mean(column) for column in zip(*rows.values(), strict=True)]
    head = ["dataset", "bm25", "fused", "held out", "gain", "±", "shipped"]
    return table(head, [[name, *(f"{value:.3f}" for value in row)] for name, row in rows.items()])


def shown(weights: Array) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(WEIGHTS, weights, strict=True))


if __name__ == "__main__":
    sys.exit(main())
