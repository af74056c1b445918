"""Vectors as Ollama's clients ask for them."""

import json
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Annotated, Any

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax.embedding.ports import Vectors
from trinax.web.declaring.body import IGNORED, Body, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.ollama.models import named
from trinax.web.wire.embedding import EMBEDDING_FAILURES, INPUTS_LIMIT, Asked, Embedders
from trinax.web.wire.headers import ignored


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
class Found:
    """vectors: a row for each text. tokens: of all texts."""

    model: str
    vectors: Vectors
    total_ns: int
    load_ns: int
    tokens: int


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
        found = await self._embedded(request, asked)
        content = await anyio.to_thread.run_sync(_content, found)
        shown = ignored(asked.ignored)
        return Response(content, media_type="application/json", headers=shown)

    async def embeddings(self, request: Request, asked: OllamaEmbeddingsBody) -> Response:
        """The vector of one text, in the older form."""
        wanted = OllamaEmbedBody(model=asked.model, input=asked.prompt)
        vectors = (await self._embedded(request, wanted)).vectors
        body: OllamaEmbedding = {"embedding": vectors[0].tolist() if len(vectors) else []}
        return JSONResponse(body, headers=ignored(asked.ignored))

    async def _embedded(self, request: Request, asked: OllamaEmbedBody) -> Found:
        began_ns = perf_counter_ns()
        embedders = self.embedders.within(caller(request).models)
        infos = await anyio.to_thread.run_sync(embedders.pool.infos)
        model = named(asked.model, infos)
        wanted = Asked(tuple(asked.texts), model, asked.dimensions, asked.truncate)
        read = await embedders.read(wanted)
        loaded_ns = perf_counter_ns()
        vectors = await embedders.vectors(request, read)
        return Found(
            model=read.embedder.id,
            vectors=vectors,
            total_ns=perf_counter_ns() - began_ns,
            load_ns=loaded_ns - began_ns,
            tokens=read.tokens,
        )


def _content(found: Found) -> str:
    """An OllamaEmbedded as JSON; row by row, for json keeps every other thread waiting until it is
    done."""
    rows = ",".join(json.dumps(vector.tolist()) for vector in found.vectors)
    rest = {
        "model": found.model,
        "total_duration": found.total_ns,
        "load_duration": found.load_ns,
        "prompt_eval_count": found.tokens,
    }
    return f'{{"embeddings": [{rows}], {json.dumps(rest)[1:]}'
