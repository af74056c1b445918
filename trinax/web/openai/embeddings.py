"""Vectors of any embedding model that is installed, in OpenAI's shape."""

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from trinax.answering.routing.route import AUTO
from trinax.embedding.ports import Vectors
from trinax.web.declaring.body import IGNORED, Body, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.wire.embedding import EMBEDDING_FAILURES, INPUTS_LIMIT, Asked, Embedders, Read
from trinax.web.wire.headers import ignored

EXPECTED = f"a text or a list of token ids, or 1 to {INPUTS_LIMIT} of them, none of them empty"
Encoding = Literal["float", "base64"]


def _inputs(value: Any) -> Any:
    # Judged by itself, for a list of 300 000 ids has as many ways to be wrong.
    single = isinstance(value, str) or (isinstance(value, list) and _is_input(value))
    listed = [value] if single else value
    fits = isinstance(listed, list) and 0 < len(listed) <= INPUTS_LIMIT
    if not fits or not all(map(_is_input, listed)):
        raise ValueError(EXPECTED)
    return listed


def _is_input(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(type(token) is int for token in value)  # a bool is no token
    return isinstance(value, str) and value != ""


class EmbeddingsBody(Body):
    """input: one text, one list of token ids, or several of them. truncate: whether an input that
    is too long is cut instead of refused."""

    input: Annotated[list[str | list[int]], BeforeValidator(_inputs)]
    model: str = AUTO
    dimensions: Annotated[Whole, Field(ge=1)] | None = None
    encoding_format: Encoding = "float"
    truncate: bool = False
    user: Annotated[Any, IGNORED] = None


class Embedding(TypedDict):
    """embedding: numbers, or little-endian float32 in base64."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingsUsage(TypedDict):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(TypedDict):
    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage


@dataclass(frozen=True, slots=True)
class Embeddings:
    embedders: Embedders

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/v1/embeddings",
                self.create,
                EmbeddingList,
                "chat",
                EMBEDDING_FAILURES,
                headers=("x-trinax-truncated",),
            )
        ]

    async def create(self, request: Request, asked: EmbeddingsBody) -> Response:
        """A vector for each input."""
        inputs = tuple(each if isinstance(each, str) else tuple(each) for each in asked.input)
        wanted = Asked(inputs, asked.model or AUTO, asked.dimensions, asked.truncate)
        read = await self.embedders.within(caller(request).models).read(wanted)
        vectors = await self.embedders.vectors(request, read)
        content = await anyio.to_thread.run_sync(_content, read, vectors, asked.encoding_format)
        return Response(content, media_type="application/json", headers=_headers(asked, read))


def _content(read: Read, vectors: Vectors, encoding: Encoding) -> str:
    """An EmbeddingList as JSON; row by row, for json keeps every other thread waiting until it is
    done: 1 s for all of the numbers that one request can ask for."""
    rows = []
    for place, vector in enumerate(vectors):
        row: Embedding = {
            "object": "embedding",
            "index": place,
            "embedding": _shown(vector, encoding),
        }
        rows.append(json.dumps(row))
    rest = {
        "model": read.embedder.id,
        "usage": {"prompt_tokens": read.tokens, "total_tokens": read.tokens},
    }
    return f'{{"object": "list", "data": [{", ".join(rows)}], {json.dumps(rest)[1:]}'


def _headers(asked: EmbeddingsBody, read: Read) -> dict[str, str]:
    headers = {"x-trinax-truncated": str(read.cut)} if read.cut else {}
    return headers | ignored(asked.ignored)


def _shown(vector: NDArray[np.float32], encoding: Encoding) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
