"""Texts to vectors for every surface: which model, what of a text it reads, and in what slices."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace

import anyio.to_thread
import numpy as np
from starlette.requests import Request

from trinax import errors
from trinax.answering.routing.route import AUTO
from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.embedding.table import unit_rows
from trinax.errors import InvalidRequest, TrinaxError, UnsupportedParameter
from trinax.models.pool import Pool
from trinax.web.wire.sse import collected

# OpenAI's own limit.
INPUTS_LIMIT = 2048
# Embedded between two looks at whether the client is still there.
SLICE_TOKENS = 1024
EMBEDDING_FAILURES: tuple[type[TrinaxError], ...] = (
    errors.UnsupportedParameter,
    errors.ModelNotFound,
    errors.Busy,
    errors.ModelFailed,
)
# Trained so that the beginning of a vector is one too (EmbeddingGemma, Nomic Embed v2,
# Qwen3-Embedding; by their cards). The built-in model is not: half of its vector costs 11 to 19 %
# of nDCG@10 on five sets, a quarter 33 to 47 %.
SHORTENABLE = ("gemma-embedding", "nomic-bert-moe", "qwen3")

Input = str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """inputs: texts, or the ids of their tokens. width: None for the model's own. truncate: whether
    an input that is too long is cut instead of refused. field: that the inputs came in."""

    inputs: tuple[Input, ...]
    model: str = AUTO
    width: int | None = None
    truncate: bool = False
    field: str = "input"

    def place(self, number: int) -> str:
        return self.field if len(self.inputs) == 1 else f"{self.field}[{number}]"


@dataclass(frozen=True, slots=True)
class Read:
    """What a model takes of the inputs. cut: how many lost their end."""

    embedder: Embedder
    width: int
    readings: Sequence[Reading]

    @property
    def tokens(self) -> int:
        return sum(reading.count for reading in self.readings)

    @property
    def cut(self) -> int:
        return sum(reading.left_out > 0 for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Embedders:
    """own: the collections', which "auto" names."""

    own: Embedder
    pool: Pool

    def within(self, models: frozenset[str] | None) -> "Embedders":
        """Without other models; None for all."""
        return replace(self, pool=self.pool.within(models))

    async def read(self, asked: Asked) -> Read:
        """May load the model. Raises InvalidRequest and UnsupportedParameter, naming the input or
        "dimensions", ModelNotFound, ModelFailed, Busy."""
        return await anyio.to_thread.run_sync(self._read, asked)

    async def vectors(self, request: Request, read: Read) -> Vectors:
        """(inputs, width) float32, rows of L2 norm 1. Raises ClientDisconnect between two slices if
        the client has gone, ModelFailed, Busy."""
        if not read.readings:
            return np.empty((0, read.width), np.float32)
        rows = np.concatenate(await collected(request, _vectors(read)))
        if read.width == rows.shape[1]:
            return rows
        return unit_rows(rows[:, : read.width].copy())

    def _read(self, asked: Asked) -> Read:
        model = self.own.id if asked.model == AUTO else asked.model
        self.pool.check(asked.model, model)
        embedder = self.own if model == self.own.id else self.pool.embedder(model)
        width = self._width(embedder, asked.width)
        readings = [_reading(embedder, asked, place) for place in range(len(asked.inputs))]
        return Read(embedder, width, readings)

    def _width(self, embedder: Embedder, wanted: int | None) -> int:
        whole = embedder.width
        if wanted is None or wanted == whole:
            return whole
        reason = f"vectors of {embedder.id!r} have {whole}"
        if not self._shortens(embedder.id):
            raise UnsupportedParameter("dimensions", f"{reason}, and a part of one says too little")
        if wanted > whole:
            raise UnsupportedParameter("dimensions", reason)
        return wanted

    def _shortens(self, model: str) -> bool:
        infos = (info for info in self.pool.infos() if info.id == model)
        return any(info.architecture in SHORTENABLE for info in infos)


def _reading(embedder: Embedder, asked: Asked, number: int) -> Reading:
    place = asked.place(number)
    if not asked.inputs[number]:
        raise InvalidRequest(f"{place!r} must not be empty.", place)
    try:
        reading = embedder.read(asked.inputs[number])
    except InvalidRequest as exc:
        raise InvalidRequest(f"{place!r}: {exc}", place) from exc
    if reading.left_out and not asked.truncate:
        raise InvalidRequest(
            f"{place!r} has {reading.count + reading.left_out} tokens and {embedder.id!r} takes "
            f'{reading.count}; shorten it, or have its end left out with "truncate": true.',
            place,
        )
    return reading


async def _vectors(read: Read) -> AsyncGenerator[Vectors]:
    for part in _slices(read.readings):
        yield await anyio.to_thread.run_sync(read.embedder.vectors, part)


def _slices(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    """At least one reading each, and more up to SLICE_TOKENS."""
    start = tokens = 0
    for place, reading in enumerate(readings):
        if place > start and tokens + reading.count > SLICE_TOKENS:
            yield readings[start:place]
            start, tokens = place, 0
        tokens += reading.count
    yield readings[start:]
