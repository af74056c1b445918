"""Why each candidate stands where it stands."""

from collections.abc import Mapping, Sequence

from trinax.index.records import Passage
from trinax.retrieval import followup
from trinax.retrieval.pool import Duplicate, Pool
from trinax.retrieval.records import Explanation, Query, Ranked, Stage
from trinax.retrieval.reranking import Second
from trinax.retrieval.shares import Shares

Ranking = Sequence[tuple[str, float]]
Placed = Sequence[tuple[Passage, float]]

NOWHERE = Stage(None, None)
NONE: Mapping[str, tuple[str, ...]] = {}


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
        self._shares = Shares(followup.turns(query.text, query.history), pool.home)
        self._reranked = stages(
            {second.passages[i].chunk.id: float(second.scores[i]) for i in second.order}
        )
        self._features = {one.chunk.id: second.added(i) for i, one in enumerate(second.passages)}

    def ranked(
        self,
        passage: Passage,
        score: float,
        dropped: str = "",
        copies: Mapping[str, tuple[str, ...]] = NONE,
    ) -> Ranked:
        """copies: as copies() gives them."""
        chunk_id = passage.chunk.id
        explanation = Explanation(
            dense=self._dense.get(chunk_id, NOWHERE),
            bm25=self._bm25.get(chunk_id, NOWHERE),
            fused=self._fused[chunk_id],
            weights=self._weights,
            matched=self._shares.of(passage),
            dropped=dropped,
            copies=copies.get(chunk_id, ()),
            reranked=self._reranked.get(chunk_id, NOWHERE),
            features=self._features.get(chunk_id, {}),
        )
        return Ranked(passage, score, explanation)

    def copies(self, duplicates: Sequence[Duplicate]) -> dict[str, tuple[str, ...]]:
        """Chunk id of what was kept → where the copies of it stand."""
        found: dict[str, tuple[str, ...]] = {}
        for one in duplicates:
            kept = one.of.chunk.id
            found[kept] = (*found.get(kept, ()), _place(one.passage))
        return found

    def dropped(
        self, placed: Placed, duplicates: Sequence[Duplicate], crowded: Placed = ()
    ) -> tuple[Ranked, ...]:
        """What is not on the page, best first. placed: the passages before, on and after the page,
        with their scores. crowded: those of files that have enough of them."""
        start, end = self._query.offset, self._query.offset + self._query.limit
        out = [self.ranked(*one, "on an earlier page") for one in placed[:start]]
        out += [self.ranked(*one, "below the page") for one in placed[end:]]
        out += [self.ranked(*one, "enough of this file before it") for one in crowded]
        for duplicate in duplicates:
            score = self._fused[duplicate.passage.chunk.id].score or 0.0
            reason = f"duplicate of {_place(duplicate.of)}"
            out.append(self.ranked(duplicate.passage, score, reason))
        return tuple(sorted(out, key=lambda one: -one.score))


def _place(passage: Passage) -> str:
    return f"{passage.file}, lines {passage.chunk.start_line}-{passage.chunk.end_line}"
