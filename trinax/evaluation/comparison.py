"""Two ways to rank, question by question."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.evaluation.metrics import mean
from trinax.evaluation.outcomes import Outcome, Run, Scores, scores
from trinax.evaluation.significance import sign_flip

LOSSES = 10

# A run and what it is compared with: None if it is that itself.
Pair = tuple[Run, Run | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """nDCG@10 of a run against that of another on the same questions.

    reference: what the other is. gain: relative change of the mean, None against 0. p: of no
    difference (see sign_flip). better, worse, equal: numbers of questions.
    """

    reference: str
    reference_ndcg_10: float
    gain: float | None
    p: float
    better: int
    worse: int
    equal: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A question that one run answers worse than another."""

    dataset: str
    mode: str
    here: Outcome
    there: Outcome


@dataclass(frozen=True, slots=True)
class Mean:
    """Means over datasets, each counting once. gain: relative change of the mean of nDCG@10
    against that of BM25, None for BM25 itself. better, worse: numbers of datasets."""

    name: str
    mode: str
    datasets: int
    ndcg_10: float
    recall_10: float
    recall_100: float
    mrr_10: float
    gain: float | None
    better: int
    worse: int


def pairs(runs: Sequence[Run], reference: str = "bm25") -> list[Pair]:
    """Each run with the one of the same dataset whose way is the reference."""
    other = {run.dataset: run for run in runs if run.way == reference}
    return [(run, None if run.way == reference else other[run.dataset]) for run in runs]


def rows(compared_with: Sequence[Pair], reference: str) -> list[tuple[Scores, Comparison | None]]:
    """The means of each run, and how it compares. reference: what the others are called."""
    return [
        (scores(run), compared(run, other, reference) if other else None)
        for run, other in compared_with
    ]


def compared(run: Run, other: Run, reference: str) -> Comparison:
    """A run against another of the same questions. reference: what the other is called."""
    differences = [here.ndcg_10 - there.ndcg_10 for here, there in _asked_of_both(run, other)]
    better = sum(one > 0 for one in differences)
    worse = sum(one < 0 for one in differences)
    return Comparison(
        reference,
        other.ndcg_10,
        _gain(run.ndcg_10, other.ndcg_10),
        sign_flip(differences),
        better,
        worse,
        len(differences) - better - worse,
    )


def losses(run: Run, other: Run, limit: int = LOSSES) -> list[Loss]:
    """The questions whose nDCG@10 falls most from the other run to this one, worst first."""
    fallen = [pair for pair in _asked_of_both(run, other) if pair[0].ndcg_10 < pair[1].ndcg_10]
    fallen.sort(key=lambda pair: pair[0].ndcg_10 - pair[1].ndcg_10)
    return [Loss(run.dataset, run.way, here, there) for here, there in fallen[:limit]]


def means(name: str, rows: Sequence[Scores], reference: str = "bm25") -> list[Mean]:
    """A row for each mode, in the order of their first appearance. rows: every dataset in the same
    modes, the reference being one of them, and every mode with the datasets in the same order."""
    of_mode: dict[str, list[Scores]] = {}
    for row in rows:
        of_mode.setdefault(row.mode, []).append(row)
    other = of_mode.get(reference, [])
    return [
        _mean(name, found, [] if mode == reference else other) for mode, found in of_mode.items()
    ]


def _mean(name: str, found: Sequence[Scores], other: Sequence[Scores]) -> Mean:
    ndcg_10 = mean(row.ndcg_10 for row in found)
    both = list(zip(found, other, strict=True)) if other else []
    return Mean(
        name,
        found[0].mode,
        len(found),
        ndcg_10,
        mean(row.recall_10 for row in found),
        mean(row.recall_100 for row in found),
        mean(row.mrr_10 for row in found),
        _gain(ndcg_10, mean(row.ndcg_10 for row in other)),
        sum(here.ndcg_10 > there.ndcg_10 for here, there in both),
        sum(here.ndcg_10 < there.ndcg_10 for here, there in both),
    )


def _gain(here: float, there: float) -> float | None:
    return here / there - 1 if there else None


def _asked_of_both(run: Run, other: Run) -> list[tuple[Outcome, Outcome]]:
    there = {one.query_id: one for one in other.outcomes}
    return [(one, there[one.query_id]) for one in run.outcomes]
