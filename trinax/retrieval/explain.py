"""Why each candidate stands where it stands."""

from collections.abc import Mapping, Sequence

from trinax.index import analysis
from trinax.index.records import Passage
from trinax.retrieval.pool import Duplicate, Pool
from trinax.retrieval.records import Explanation, Query, Ranked, Stage

Ranking = Sequence[tuple[str, float]]

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
        self, query: Query, pool: Pool, ranking: Ranking, weights: Mapping[str, float]
    ) -> None:
        self._query = query
        self._bm25 = stages(pool.bm25)
        self._dense = stages(pool.dense, pool.listed)
        self._fused = stages(dict(ranking))
        self._weights = weights

    def ranked(self, passage: Passage, dropped: str = "") -> Ranked:
        chunk_id = passage.chunk.id
        fused = self._fused[chunk_id]
        explanation = Explanation(
            dense=self._dense.get(chunk_id, NOWHERE),
            bm25=self._bm25.get(chunk_id, NOWHERE),
            fused=fused,
            weights=self._weights,
            matched=tuple(analysis.matched(self._query.text, passage)),
            dropped=dropped,
        )
        return Ranked(passage, fused.score or 0.0, explanation)

    def dropped(
        self, passages: Sequence[Passage], duplicates: Sequence[Duplicate]
    ) -> tuple[Ranked, ...]:
        """What is not on the page, best first. passages: those before, on and after the page."""
        start, end = self._query.offset, self._query.offset + self._query.limit
        out = [self.ranked(passage, "on an earlier page") for passage in passages[:start]]
        out += [self.ranked(passage, "below the page") for passage in passages[end:]]
        for duplicate in duplicates:
            of = duplicate.of
            place = f"{of.file}, lines {of.chunk.start_line}-{of.chunk.end_line}"
            out.append(self.ranked(duplicate.passage, f"duplicate of {place}"))
        return tuple(sorted(out, key=lambda one: self._fused[one.passage.chunk.id].rank or 0))
