"""Embedders and rankers that are loaded while they are used."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.errors import ModelFailed
from trinax.models.catalogue.catalogue import Installed
from trinax.models.catalogue.memory import token_bytes
from trinax.models.ports import Load, ModelInfo, Ranker, Ranking
from trinax.models.room import Resident

# They take texts of no more, whatever they were trained for.
CONTEXT_TOKENS = 2048


class Closable(Protocol):
    def close(self) -> None: ...


Part = TypeVar("Part", bound=Closable)
Enter = Callable[[Resident], None]


class OnDemand(Generic[Part]):
    """Opened by its first use, and again by the next one after unload(). Thread-safe."""

    def __init__(self, model: Installed, opener: Callable[[Installed], Part], enter: Enter) -> None:
        """enter: called before each use; raises what leaves no room for the model."""
        self._model = model
        self._opener = opener
        self._enter = enter
        self._changed = threading.Condition()  # over what follows; held while it is opened
        self._part: Part | None = None
        self._users = 0
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    @property
    def id(self) -> str:
        return self._model.info.id

    @property
    def loaded(self) -> bool:
        return self._part is not None

    @property
    def memory_bytes(self) -> int:
        info = self._model.info
        tokens = min(CONTEXT_TOKENS, info.context_tokens or CONTEXT_TOKENS)
        return info.size_bytes + tokens * token_bytes(self._model.metadata)

    @contextmanager
    def used(self) -> Iterator[Part]:
        """Stays open meanwhile. Raises ModelFailed, Busy."""
        with self._changed:
            if self._closed:
                raise ModelFailed(self.id, "it was stopped")
            self._enter(self)
            part = self._part = self._part or self._opener(self._model)
            self._users += 1
        try:
            yield part
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def load(self) -> Load:
        return Load(self.id, self._users, 0, 1, 0.0)

    def unload(self) -> bool:
        if not self._changed.acquire(blocking=False):  # it is being opened
            return False
        try:
            if self._users:
                return False
            part, self._part = self._part, None
            if part:
                part.close()
            return True
        finally:
            self._changed.release()

    def close(self) -> None:
        """After the uses that have begun; safe to call twice."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._users)
            part, self._part = self._part, None
            if part:
                part.close()


class EmbedderOnDemand(OnDemand[Embedder]):
    """Its first property or vector loads it."""

    @property
    def fingerprint(self) -> str:
        with self.used() as embedder:
            return embedder.fingerprint

    @property
    def width(self) -> int:
        with self.used() as embedder:
            return embedder.width

    @property
    def limit_tokens(self) -> int | None:
        with self.used() as embedder:
            return embedder.limit_tokens

    def passages(self, texts: Sequence[str]) -> Vectors:
        with self.used() as embedder:
            return embedder.passages(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        with self.used() as embedder:
            return embedder.queries(texts)

    def read(self, passage: str | Sequence[int]) -> Reading:
        with self.used() as embedder:
            return embedder.read(passage)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        with self.used() as embedder:
            return embedder.vectors(readings)


class RankerOnDemand(OnDemand[Ranker]):
    """Its first score loads it."""

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        with self.used() as ranker:
            return ranker.scores(query, texts)

    def ranking(self, query: str, texts: Sequence[str]) -> Ranking:
        with self.used() as ranker:
            return ranker.ranking(query, texts)
