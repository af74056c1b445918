"""How good a ranking is. Every function takes one query; `mean` puts queries together."""

from collections.abc import Iterable, Mapping, Sequence
from math import log2

import numpy as np

Grades = Mapping[str, int]  # document id → grade; relevant if above 0


def ndcg(ranking: Sequence[str], grades: Grades, k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first k, in [0, 1]; gain = grade.

    Source: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, with the discount log2(rank + 1) and
    the linear gain of trec_eval's ndcg_cut, which BEIR reports.
    """
    ideal = _dcg(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    if not ideal:
        return 0.0
    return _dcg([max(0, grades.get(document, 0)) for document in ranking[:k]]) / ideal


def recall(ranking: Sequence[str], grades: Grades, k: int) -> float:
    """Share of the relevant documents that stand among the first k.

    Source: trec_eval's recall_k; Manning, Raghavan and Schütze, 2008, chapter 8.
    """
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Grades, k: int = 10) -> float:
    """1 / rank of the first relevant document among the first k, else 0; its mean is MRR@k.

    Source: Voorhees, TREC-8 question answering track, 1999; cut at 10 as MS MARCO does.
    """
    for rank, document in enumerate(ranking[:k], start=1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half; nan if one side
    is empty.

    Source: Hanley and McNeil, Radiology 143(1), 1982, by the Mann-Whitney statistic.
    """
    if not len(positives) or not len(negatives):
        return float("nan")
    ordered = np.sort(np.asarray(negatives, dtype=np.float64))
    below = np.searchsorted(ordered, positives, side="left")
    up_to = np.searchsorted(ordered, positives, side="right")
    return float((below + up_to).sum()) / (2 * len(positives) * len(negatives))


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean, 0 of nothing."""
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else 0.0


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
