"""Vectors as Ollama's clients ask for them."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Annotated, Any

import anyio.to_thread
import numpy as np
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.answering.routing.route import AUTO
from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.pool import Pool
from trinax.web.declaring.body import IGNORED, Body, Whole
from trinax.web.declaring.operation import Operation
from trinax.web.ollama.bodies import headers
from trinax.web.ollama.models import named
from trinax.web.wire.sse import collected

INPUTS_LIMIT = 2048
# Embedded between two looks at whether the client is still there.
SLICE_TOKENS = 1024
EMBEDDING = (
    errors.UnsupportedParameter,
    errors.ModelNotFound,
    errors.Busy,
    errors.ModelFailed,
)


class OllamaEmbedBody(Body):
    """Without an input there are no vectors."""

    model: str = "auto"
    input: str | Annotated[list[str], Field(max_length=INPUTS_LIMIT)] = ""
    truncate: bool = True
    dimensions: Annotated[Whole, Field(ge=1)] | None = None
    options: Annotated[Any, IGNORED] = None
    keep_alive: Annotated[Any, IGNORED] = None

    @property
    def texts(self) -> list[str]:
        if isinstance(self.input, str):
            return [self.input] if self.input else []
        return self.input


class OllamaEmbeddingsBody(Body):
    """The older form, of one text."""

    model: str = "auto"
    prompt: str = ""
    options: Annotated[Any, IGNORED] = None
    keep_alive: Annotated[Any, IGNORED] = None


class OllamaEmbedded(TypedDict):
    """Durations are in nanoseconds."""

    model: str
    embeddings: list[list[float]]
    total_duration: int
    load_duration: int
    prompt_eval_count: int


class OllamaEmbedding(TypedDict):
    embedding: list[float]


@dataclass(frozen=True, slots=True)
class OllamaEmbedder:
    """embedder: the collections' own, which "auto" names."""

    embedder: Embedder
    pool: Pool

    def operations(self) -> list[Operation]:
        new, old = OllamaEmbedded, OllamaEmbedding
        return [
            Operation("POST", "/api/embed", self.embed, new, "chat", EMBEDDING),
            Operation("POST", "/api/embeddings", self.embeddings, old, "chat", EMBEDDING),
        ]

    async def embed(self, request: Request, asked: OllamaEmbedBody) -> Response:
        """A vector for each text."""
        body = await self._embedded(request, asked)
        return JSONResponse(body, headers=headers(asked.ignored))

    async def embeddings(self, request: Request, asked: OllamaEmbeddingsBody) -> Response:
        """The vector of one text, in the older form."""
        wanted = OllamaEmbedBody(model=asked.model, input=asked.prompt)
        rows = (await self._embedded(request, wanted))["embeddings"]
        body: OllamaEmbedding = {"embedding": rows[0] if rows else []}
        return JSONResponse(body, headers=headers(asked.ignored))

    async def _embedded(self, request: Request, asked: OllamaEmbedBody) -> OllamaEmbedded:
        began_ns = perf_counter_ns()
        opened = await anyio.to_thread.run_sync(self._opened, asked.model)
        readings = await anyio.to_thread.run_sync(_read, opened, asked)
        loaded_ns = perf_counter_ns()
        parts = await collected(request, _vectors(opened, readings)) if readings else []
        rows: list[list[float]] = np.concatenate(parts).tolist() if parts else []
        return {
            "model": opened.id,
            "embeddings": rows,
            "total_duration": perf_counter_ns() - began_ns,
            "load_duration": loaded_ns - began_ns,
            "prompt_eval_count": sum(reading.count for reading in readings),
        }

    def _opened(self, name: str) -> Embedder:
        model = named(name, self.pool.infos())
        return self.embedder if model in (AUTO, self.embedder.id) else self.pool.embedder(model)


def _read(embedder: Embedder, asked: OllamaEmbedBody) -> list[Reading]:
    """May load the model."""
    if asked.dimensions not in (None, embedder.width):
        raise UnsupportedParameter(
            "dimensions", f"vectors of {embedder.id!r} have {embedder.width}"
        )
    return [_reading(embedder, asked, place) for place in range(len(asked.texts))]


def _reading(embedder: Embedder, asked: OllamaEmbedBody, place: int) -> Reading:
    param = "input" if isinstance(asked.input, str) else f"input[{place}]"
    if not asked.texts[place]:
        raise InvalidRequest(f"{param!r} must be a text that is not empty.", param)
    try:
        reading = embedder.read(asked.texts[place])
    except InvalidRequest as exc:
        raise InvalidRequest(f"{param!r}: {exc}", param) from exc
    if reading.left_out and not asked.truncate:
        raise InvalidRequest(
            f"{param!r} has {reading.count + reading.left_out} tokens and {embedder.id!r} takes "
            f"{reading.count}; shorten it, or leave 'truncate' out to have its end cut off.",
            param,
        )
    return reading


async def _vectors(embedder: Embedder, readings: Sequence[Reading]) -> AsyncGenerator[Vectors]:
    for part in _slices(readings):
        yield await anyio.to_thread.run_sync(embedder.vectors, part)


def _slices(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    """At least one reading each, and more up to SLICE_TOKENS."""
    start = tokens = 0
    for place, reading in enumerate(readings):
        if place > start and tokens + reading.count > SLICE_TOKENS:
            yield readings[start:place]
            start, tokens = place, 0
        tokens += reading.count
    yield readings[start:]
