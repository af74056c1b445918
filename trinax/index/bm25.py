"""BM25's rarity of a term, as the engines compute it."""

from collections.abc import Sequence
from math import exp, log


def rarity(chunks: float, holding: float) -> float:
    """Idf: the logarithm of 1 + (N - n + 0.5) / (n + 0.5), above 0.

    chunks: how many there are, N. holding: of them with the term, n.
    Source: Lucene's BM25Similarity, which Qdrant's idf modifier follows.
    """
    return log((chunks + 1) / (holding + 0.5))


def holding(chunks: float, rarity: float) -> float:
    """Of how many chunks a rarity tells; 0 for a rarity of 0, which no term has that is there."""
    return max(0.0, (chunks + 1) / exp(rarity) - 0.5) if rarity else 0.0


def seen(term: int, score: float, terms: Sequence[int], weights: Sequence[float]) -> float:
    """The rarity that a chunk's score for one term tells. terms, weights: of the chunk."""
    return score / weights[terms.index(term)]
