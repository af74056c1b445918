"""Several searches' passages as one list."""

from collections.abc import Sequence
from dataclasses import replace

from trinax.retrieval.copies import Originals
from trinax.retrieval.records import Found


def merged(searches: Sequence[Found], limit: int, threshold: float) -> Found:
    """The best passages of searches that share no scores, best first.

    A passage counts its own score times its search's confidence. A search below the threshold
    gives none where another reaches it; copies of a better passage are left out. confidence: the
    largest of them.
    """
    sure = max(search.confidence for search in searches)
    knowing = [search for search in searches if search.confidence >= min(threshold, sure)]
    ranked = [
        replace(each, score=each.score * search.confidence)
        for search in knowing
        for each in search.ranked
    ]
    ranked.sort(key=lambda each: (-each.score, each.passage.chunk.id))
    originals = Originals().originals([one.passage for one in ranked])
    distinct = [one for one, original in zip(ranked, originals, strict=True) if not original]
    return Found(tuple(distinct[:limit]), sure)
