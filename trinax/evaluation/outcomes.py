"""What every question of a dataset found, and the means of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trinax.evaluation import metrics


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question. first: rank of its first relevant document, None if it was not found.
    best: id of the document found first, "" of none. taken_ms: by the search."""

    query_id: str
    text: str
    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr_10: float
    first: int | None
    best: str
    taken_ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """The judged questions of one dataset, in its order, asked in one way.

    way: a mode of search, or what else ranked ("words")."""

    dataset: str
    way: str
    outcomes: tuple[Outcome, ...]

    @property
    def ndcg_10(self) -> float:
        return metrics.mean(one.ndcg_10 for one in self.outcomes)


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the judged questions of one dataset. p50_ms, p95_ms: of one search."""

    dataset: str
    mode: str
    queries: int
    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr_10: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Question:
    """One of a dataset. grades: document id → grade."""

    id: str
    text: str
    grades: metrics.Grades


def outcome(question: Question, ranking: Sequence[str], taken_ms: float) -> Outcome:
    """What a ranking of documents, best first, is worth to a question."""
    relevant = (
        rank for rank, document in enumerate(ranking, 1) if question.grades.get(document, 0) > 0
    )
    return Outcome(
        question.id,
        question.text,
        metrics.ndcg(ranking, question.grades, 10),
        metrics.recall(ranking, question.grades, 10),
        metrics.recall(ranking, question.grades, 100),
        metrics.reciprocal_rank(ranking, question.grades, 10),
        next(relevant, None),
        ranking[0] if ranking else "",
        taken_ms,
    )


def scores(run: Run) -> Scores:
    taken = percentiles([one.taken_ms for one in run.outcomes])
    return Scores(
        run.dataset,
        run.way,
        len(run.outcomes),
        run.ndcg_10,
        metrics.mean(one.recall_10 for one in run.outcomes),
        metrics.mean(one.recall_100 for one in run.outcomes),
        metrics.mean(one.mrr_10 for one in run.outcomes),
        taken[50],
        taken[95],
    )


def percentiles(values: Sequence[float], ranks: Sequence[int] = (50, 95)) -> Mapping[int, float]:
    """Rank → the value below which so many per cent lie; 0 of nothing."""
    found = np.percentile(values, ranks) if values else np.zeros(len(ranks))
    return {rank: float(value) for rank, value in zip(ranks, found, strict=True)}
