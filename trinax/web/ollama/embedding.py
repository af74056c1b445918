"""Vectors as Ollama's clients ask for them."""

from dataclasses import dataclass
from time import perf_counter_ns
from typing import Annotated, Any

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax.web.declaring.body import IGNORED, Body, Whole
from trinax.web.declaring.operation import Operation
from trinax.web.ollama.bodies import headers
from trinax.web.ollama.models import named
from trinax.web.wire.embedding import EMBEDDING_FAILURES, INPUTS_LIMIT, Asked, Embedders


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
    embedders: Embedders

    def operations(self) -> list[Operation]:
        new, old, raises = OllamaEmbedded, OllamaEmbedding, EMBEDDING_FAILURES
        return [
            Operation("POST", "/api/embed", self.embed, new, "chat", raises),
            Operation("POST", "/api/embeddings", self.embeddings, old, "chat", raises),
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
        infos = await anyio.to_thread.run_sync(self.embedders.pool.infos)
        model = named(asked.model, infos)
        wanted = Asked(tuple(asked.texts), model, asked.dimensions, asked.truncate)
        read = await self.embedders.read(wanted)
        loaded_ns = perf_counter_ns()
        vectors = await self.embedders.vectors(request, read)
        return {
            "model": read.embedder.id,
            "embeddings": vectors.tolist(),
            "total_duration": perf_counter_ns() - began_ns,
            "load_duration": loaded_ns - began_ns,
            "prompt_eval_count": read.tokens,
        }
