"""Texts ranked for a query, by a model or without one."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

import anyio.to_thread

from trinax.answering.routing.route import AUTO
from trinax.embedding.ports import Embedder
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo, Ranker, Ranking
from trinax.retrieval.relevance import relevance

ID = "trinax-rank"
INFO = ModelInfo(ID, "rank", roles=("rank",))
# Read by a cross-encoder between two looks at whether the client is still there.
SLICE_TEXTS = 16


class TextRanker:
    """The built-in ranker: words and meaning, without reading query and text together."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def id(self) -> str:
        return ID

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        return relevance(query, texts, self._embedder)

    def ranking(self, query: str, texts: Sequence[str]) -> Ranking:
        return Ranking(tuple(self.scores(query, texts)))

    def close(self) -> None:
        """The embedder belongs to who gave it."""


@dataclass(frozen=True, slots=True)
class Rankers:
    """own: the built-in one."""

    pool: Pool
    own: Ranker

    def within(self, models: frozenset[str] | None) -> "Rankers":
        """Without other models; None for all."""
        return replace(self, pool=self.pool.within(models))

    def ranker(self, wanted: str) -> Ranker:
        """wanted: an id, or "auto" for the one that has the role. May block for a moment.

        Raises ModelNotFound, ModelFailed, InvalidRequest for a model that does not rank."""
        model = wanted
        if wanted == AUTO:
            able = (info for info in self.pool.candidates() if "rank" in info.roles and info.fits)
            model = next((info.id for info in able), self.own.id)
        self.pool.check(wanted, model)
        return self.own if model == self.own.id else self.pool.ranker(model)


async def ranked(ranker: Ranker, query: str, texts: Sequence[str]) -> AsyncGenerator[Ranking]:
    """Part by part, in the order of the texts. Raises InvalidRequest for a query that is too long,
    ModelFailed, Busy."""
    # The built-in one compares them with each other.
    size = len(texts) if ranker.id == ID else SLICE_TEXTS
    for start in range(0, len(texts), size):
        part = texts[start : start + size]
        yield await anyio.to_thread.run_sync(ranker.ranking, query, part)
