"""Vectors of the collections' own embedding model, in OpenAI's shape."""

import base64
from dataclasses import dataclass

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.documents import tokens
from trinax.embedding.ports import Embedder
from trinax.errors import ModelNotFound, UnsupportedParameter
from trinax.web.bodies import Fields, json_object

# OpenAI's own limit.
INPUTS_LIMIT = 2048


@dataclass(frozen=True, slots=True)
class Embeddings:
    embedder: Embedder
    body_limit_bytes: int

    async def create(self, request: Request) -> Response:
        body = await json_object(request, self.body_limit_bytes)
        texts = _texts(body)
        model = body.text("model", "auto")
        if model not in ("auto", self.embedder.id):
            raise ModelNotFound(model)
        width = body.integer("dimensions", 1)
        if width not in (None, self.embedder.width):
            reason = f"vectors of {self.embedder.id!r} have {self.embedder.width}"
            raise UnsupportedParameter("dimensions", reason)
        encoding = body.one_of("encoding_format", ("float", "base64"), "float")
        vectors = await anyio.to_thread.run_sync(self.embedder.passages, texts)
        read = await anyio.to_thread.run_sync(lambda: sum(map(tokens.count, texts)))
        data = [
            {"object": "embedding", "index": index, "embedding": _shown(vector, encoding)}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": read, "total_tokens": read}
        return JSONResponse(
            {"object": "list", "data": data, "model": self.embedder.id, "usage": usage}
        )


def _texts(body: Fields) -> tuple[str, ...]:
    value = body.raw("input")
    texts = (value,) if isinstance(value, str) else body.texts("input") or ()
    if not 0 < len(texts) <= INPUTS_LIMIT or not all(texts):
        body.refuse("input", f"a text, or 1 to {INPUTS_LIMIT} of them, none of them empty")
    return texts


def _shown(vector: NDArray[np.float32], encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
