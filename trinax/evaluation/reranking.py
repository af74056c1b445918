"""python -m trinax.evaluation.reranking DIR…: fit and judge the weights of the second stage.

The folders are datasets. Every question is searched once; what is fitted is a smoothed nDCG@10, in
the mean over the datasets. The column *held out* is what a dataset gets with weights fitted to
those that share neither title nor question with it, *shipped* what it gets with those in use.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from trinax.evaluation import builtin, metrics
from trinax.evaluation.arguments import named
from trinax.evaluation.calibrate import families
from trinax.evaluation.datasets import SEED, Dataset, some
from trinax.evaluation.metrics import mean
from trinax.evaluation.page import OTHER_THAN_ENGLISH_PROSE
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
SAMPLE_QUESTIONS = 100  # of each dataset, drawn anew at each step
START = 0.25  # of every weight
STEPS = 60
STEP = 0.05  # falls to a tenth of it
KEPT = 24  # the last steps, whose mean is the fit
RIDGE = 1e-3
# A difference of 1 / SHARPNESS between two scores leaves it open which one is ahead.
SHARPNESS = 25.0
# What a place below the tenth counts, of its discount: something, so that it may rise.
BELOW = 0.02
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
    held = held_out(stacks, family)
    print(report(stacks, bm25, held))
    print(f"\nheld out over BM25: {over(held, bm25)}")
    spent_ms = median(one.spent_ms for questions in found.values() for one in questions)
    print(f"features of a question: {spent_ms:.1f} ms (p50)")
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
    """The weights: gradient ascent on the mean of the datasets' smoothed nDCG@10.

    Source: Kingma and Ba, Adam, ICLR 2015, for the steps.
    """
    draw = np.random.default_rng(SEED)
    weights = np.full(len(WEIGHTS), START)
    slope, square = np.zeros_like(weights), np.zeros_like(weights)
    last: list[Array] = []
    for step in range(STEPS):
        samples = [one.some(_drawn(draw, len(one.ideal))) for one in stacks]
        found = np.mean([ascent(one, weights) for one in samples], axis=0) - RIDGE * weights
        slope, square = 0.9 * slope + 0.1 * found, 0.99 * square + 0.01 * found**2
        direction = slope / (1 - 0.9 ** (step + 1))
        direction /= np.sqrt(square / (1 - 0.99 ** (step + 1))) + 1e-6
        weights = weights + STEP * (1 - 0.9 * step / STEPS) * direction
        last = [*last[1 - KEPT :], weights]
    return np.asarray(np.mean(last, axis=0))


def ascent(stack: Stack, weights: Array) -> Array:
    """The gradient of nDCG@10, in the mean of the questions, if each pair of candidates were in
    the order of their scores only as likely as a logistic curve says.

    Source: Burges, From RankNet to LambdaRank to LambdaMART, 2010, with the derivative of the
    curve in place of its height, so that what is far behind pulls nobody down.
    """
    scores = stack.scores + stack.columns @ weights
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    discounts = ((ranks < FIRST) + BELOW) / np.log2(ranks + 2)
    rows, places = np.nonzero(stack.grades > 0)
    better = stack.grades[rows, places][:, None] - stack.grades[rows]
    swap = np.abs(discounts[rows, places][:, None] - discounts[rows]) * better.clip(min=0)
    ahead = (SHARPNESS * (scores[rows, places][:, None] - scores[rows])).clip(-50, 50)
    likely = 1 / (1 + np.exp(ahead))
    pull = swap * SHARPNESS * likely * (1 - likely) / stack.ideal[rows][:, None]
    pulls = np.zeros_like(scores)
    np.add.at(pulls, rows, -pull)
    np.add.at(pulls, (rows, places), pull.sum(axis=1))
    return np.asarray(np.einsum("qn,qnw->w", pulls, stack.columns) / len(scores))


def _drawn(draw: np.random.Generator, size: int) -> NDArray[np.int64]:
    return draw.choice(size, min(size, SAMPLE_QUESTIONS), replace=False)


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


def over(held: Mapping[str, Array], bm25: Mapping[str, float]) -> str:
    """The change of the mean nDCG@10 of datasets, each counting once."""
    prose = [name for name in held if name not in OTHER_THAN_ENGLISH_PROSE]
    changes = [
        mean(float(held[name].mean()) for name in names) / mean(bm25[name] for name in names) - 1
        for names in (held, prose)
        if names
    ]
    return " of all, ".join(f"{change:+.1%}" for change in changes) + " of English prose"


def shown(weights: Array) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(WEIGHTS, weights, strict=True))


if __name__ == "__main__":
    sys.exit(main())
