"""Two rankings into one."""

from collections.abc import Mapping, Sequence

# Cormack, Clarke and Büttcher, SIGIR 2009.
RRF_K = 60


def rrf(rankings: Sequence[Sequence[str]], k: int = RRF_K) -> list[tuple[str, float]]:
    """Reciprocal rank fusion, best first; ties broken by chunk id.

    rankings: distinct chunk ids, best first; lists may differ in length or be empty.
    k: damping constant; ranks count from 1, so a list's best hit adds 1 / (k + 1).
    Returns (chunk id, score), score in (0, len(rankings) / (k + 1)].
    Source: Cormack, Clarke and Büttcher, SIGIR 2009, k = 60.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, chunk_id in enumerate(ranking, start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + 1 / (k + rank)
    return best_first(scores)


def weighted(
    bm25: Mapping[str, float], dense: Mapping[str, float], dense_weight: float, floor: float = 0.0
) -> list[tuple[str, float]]:
    """BM25 divided by its best score plus dense_weight times the cosine, best first; ties broken
    by chunk id.

    bm25: raw scores, all above 0. floor: what a candidate that is missing there counts, the most
        that it can have: the lowest score of a list that was cut off, 0 of one that was not.
    dense: cosines; a negative or missing one counts 0. Give that of every BM25 candidate.
    Returns (chunk id, score), score in [0, 1]: the sum over its largest possible value.
    Source: Bruch, Gai and Ingber, ACM TOIS 42(1), 2023, whose convex combination this is with
    alpha = dense_weight / (1 + dense_weight); both sides have 0 as their theoretical minimum.
    """
    best = max(bm25.values(), default=0.0)
    total = largest(bm25, dense, dense_weight)
    if not total:
        return []
    scores: dict[str, float] = {}
    for chunk_id in {**bm25, **dense}:
        lexical = bm25.get(chunk_id, floor) / best if best else 0.0
        scores[chunk_id] = (lexical + dense_weight * _cosine(dense, chunk_id)) / total
    return best_first(scores)


def largest(bm25: Mapping[str, float], dense: Mapping[str, float], dense_weight: float) -> float:
    """The sum that a score of weighted() is a share of."""
    # A side that found nothing at all takes no share of the sum.
    return (1.0 if any(bm25.values()) else 0.0) + (dense_weight if dense else 0.0)


def best_first(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """(chunk id, score) by score descending, then chunk id."""
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def _cosine(dense: Mapping[str, float], chunk_id: str) -> float:
    return min(1.0, max(0.0, dense.get(chunk_id, 0.0)))
