"""Several searches' passages as one list."""

from collections.abc import Sequence
from dataclasses import replace

from trinax.retrieval.records import Found, Ranked


def merged(searches: Sequence[Found], limit: int, threshold: float) -> Found:
    """The best passages of searches that share no scores, best first.

    A passage counts its own score times its search's confidence. A search below the threshold
    gives none where another reaches it. confidence: the largest of them.
    """
    sure = max(search.confidence for search in searches)
    knowing = [search for search in searches if search.confidence >= min(threshold, sure)]
    ranked = [
        replace(each, score=each.score * search.confidence)
        for search in knowing
        for each in search.ranked
    ]
    ranked.sort(key=lambda each: (-each.score, each.passage.chunk.id))
    return Found(tuple(_distinct(ranked)[:limit]), sure)


def _distinct(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Without texts that differ from a better one in white space at most."""
    kept: dict[str, Ranked] = {}
    for each in ranked:
        kept.setdefault(" ".join(each.passage.chunk.text.split()), each)
    return list(kept.values())
