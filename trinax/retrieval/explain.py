"""Why each candidate stands where it stands."""

from collections.abc import Mapping, Sequence

from trinax.index import analysis
from trinax.index.records import Passage
from trinax.retrieval.pool import Duplicate, Pool
from trinax.retrieval.records import Explanation, Query, Ranked, Stage
from trinax.retrieval.reranking import Second

Ranking = Sequence[tuple[str, float]]
Placed = Sequence[tuple[Passage, float]]

NOWHERE = Stage(None, None)


def stages(scores: Mapping[str, float], listed: int | None = None) -> dict[str, Stage]:
    """Rank and score by chunk id of one side, best first.

    listed: entries from this position on have a score and no rank; None: all have one.
    """
    return {
        chunk_id: Stage(rank if listed is None or rank <= listed else None, score)
        for rank, (chunk_id, score) in enumerate(scores.items(), start=1)
    }


class Explainer:
    """Explains the candidates of one search.

    weights: what fusion multiplied each side by.
    """

    def __init__(
        self,
        query: Query,
        pool: Pool,
        ranking: Ranking,
        weights: Mapping[str, float],
        second: Second,
    ) -> None:
        self._query = query
        self._bm25 = stages(pool.bm25)
        self._dense = stages(pool.dense, pool.listed)
        self._fused = stages(dict(ranking))
        self._weights = weights
        self._reranked = stages(
            {second.passages[i].chunk.id: float(second.scores[i]) for i in second.order}
        )
        self._features = {one.chunk.id: second.added(i) for i, one in enumerate(second.passages)}

    def ranked(self, passage: Passage, score: float, dropped: str = "") -> Ranked:
        chunk_id = passage.chunk.id
        explanation = Explanation(
            dense=self._dense.get(chunk_id, NOWHERE),
            bm25=self._bm25.get(chunk_id, NOWHERE),
            fused=self._fused[chunk_id],
            weights=self._weights,
            matched=tuple(analysis.matched(self._query.text, passage)),
            dropped=dropped,
            reranked=self._reranked.get(chunk_id, NOWHERE),
            features=self._features.get(chunk_id, {}),
        )
        return Ranked(passage, score, explanation)

    def dropped(self, placed: Placed, duplicates: Sequence[Duplicate]) -> tuple[Ranked, ...]:
        """What is not on the page, best first. placed: the passages before, on
        and after the page, with their scores."""
        start, end = self._query.offset, self._query.offset + self._query.limit
        out = [self.ranked(*one, "on an earlier page") for one in placed[:start]]
        out += [self.ranked(*one, "below the page") for one in placed[end:]]
        for duplicate in duplicates:
            of = duplicate.of
            place = f"{of.file}, lines {of.chunk.start_line}-{of.chunk.end_line}"
            score = self._fused[duplicate.passage.chunk.id].score or 0.0
            out.append(self.ranked(duplicate.passage, score, f"duplicate of {place}"))
        return tuple(sorted(out, key=lambda one: -one.score))
