"""Vectors as clients of the native API ask for them."""

import json
from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from trinax.answering.routing.route import AUTO
from trinax.embedding.ports import Vectors
from trinax.web.declaring.body import Body, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.wire.embedding import EMBEDDING_FAILURES, INPUTS_LIMIT, Asked, Embedders, Read

Text = Annotated[str, Field(min_length=1)]


class NativeEmbedBody(Body):
    """truncate: whether a text that is too long is cut instead of refused."""

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=INPUTS_LIMIT)]
    model: str = AUTO
    dimensions: Annotated[Whole, Field(ge=1)] | None = None
    truncate: bool = False


class NativeEmbedUsage(TypedDict):
    prompt_tokens: int
    total_tokens: int


class NativeEmbedded(TypedDict):
    """embeddings: one for each text, of length 1. truncated: how many texts lost their end."""

    model: str
    dimensions: int
    embeddings: list[list[float]]
    usage: NativeEmbedUsage
    truncated: int


@dataclass(frozen=True, slots=True)
class NativeEmbedder:
    embedders: Embedders

    def operations(self) -> list[Operation]:
        gives, raises = NativeEmbedded, EMBEDDING_FAILURES
        return [Operation("POST", "/api/v1/embed", self.embed, gives, "chat", raises)]

    async def embed(self, request: Request, asked: NativeEmbedBody) -> Response:
        """A vector for each text."""
        texts = (asked.input,) if isinstance(asked.input, str) else tuple(asked.input)
        wanted = Asked(texts, asked.model or AUTO, asked.dimensions, asked.truncate)
        read = await self.embedders.within(caller(request).models).read(wanted)
        vectors = await self.embedders.vectors(request, read)
        content = await anyio.to_thread.run_sync(_content, read, vectors)
        return Response(content, media_type="application/json")


def _content(read: Read, vectors: Vectors) -> str:
    """A NativeEmbedded as JSON; row by row, for json keeps every other thread waiting until it is
    done."""
    rows = ", ".join(json.dumps(vector.tolist()) for vector in vectors)
    rest = {
        "model": read.embedder.id,
        "dimensions": read.width,
        "usage": {"prompt_tokens": read.tokens, "total_tokens": read.tokens},
        "truncated": read.cut,
    }
    return f'{{"embeddings": [{rows}], {json.dumps(rest)[1:]}'
