"""Vectors of any embedding model that is installed, in OpenAI's shape."""

import base64
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.pool import Pool
from trinax.web.declaring.operation import Operation
from trinax.web.wire.bodies import Fields, json_object
from trinax.web.wire.sse import collected

# OpenAI's own limit.
INPUTS_LIMIT = 2048
# Embedded between two looks at whether the client is still there.
SLICE_TOKENS = 1024

Input = str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """inputs: texts, or the ids of their tokens. width: None for the model's own.
    truncate: whether an input that is too long is cut instead of refused."""

    model: str
    inputs: tuple[Input, ...]
    width: int | None
    encoding: str
    truncate: bool


@dataclass(frozen=True, slots=True)
class Embeddings:
    """embedder: the collections' own, which "auto" names."""

    embedder: Embedder
    pool: Pool
    body_limit_bytes: int

    def operations(self) -> list[Operation]:
        return [Operation("POST", "/v1/embeddings", self.create, dict[str, Any], "chat")]

    async def create(self, request: Request) -> Response:
        asked = _asked(await json_object(request, self.body_limit_bytes))
        embedder, readings = await anyio.to_thread.run_sync(self._read, asked)
        parts = await collected(request, _vectors(embedder, readings))
        vectors = np.concatenate(parts)
        return await anyio.to_thread.run_sync(_answer, embedder.id, asked, readings, vectors)

    def _read(self, asked: Asked) -> tuple[Embedder, list[Reading]]:
        """May load the model."""
        auto = asked.model in ("auto", self.embedder.id)
        embedder = self.embedder if auto else self.pool.embedder(asked.model)
        if asked.width not in (None, embedder.width):
            reason = f"vectors of {embedder.id!r} have {embedder.width}"
            raise UnsupportedParameter("dimensions", reason)
        return embedder, [_reading(embedder, asked, place) for place in range(len(asked.inputs))]


def _asked(body: Fields) -> Asked:
    return Asked(
        model=body.text("model", "auto"),
        inputs=_inputs(body),
        width=body.integer("dimensions", 1),
        encoding=body.one_of("encoding_format", ("float", "base64"), "float"),
        truncate=body.flag("truncate"),
    )


def _inputs(body: Fields) -> tuple[Input, ...]:
    value = body.raw("input")
    single = isinstance(value, str) or (isinstance(value, list) and _is_input(value))
    listed = [value] if single else value
    if (
        not isinstance(listed, list)
        or not 0 < len(listed) <= INPUTS_LIMIT
        or not all(map(_is_input, listed))
    ):
        expected = "a text or a list of token ids"
        body.refuse("input", f"{expected}, or 1 to {INPUTS_LIMIT} of them, none of them empty")
    return tuple(item if isinstance(item, str) else tuple(item) for item in listed)


def _is_input(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(type(token) is int for token in value)  # a bool is no token
    return isinstance(value, str) and value != ""


def _reading(embedder: Embedder, asked: Asked, place: int) -> Reading:
    """Raises InvalidRequest, naming the input."""
    param = "input" if len(asked.inputs) == 1 else f"input[{place}]"
    try:
        reading = embedder.read(asked.inputs[place])
    except InvalidRequest as exc:
        raise InvalidRequest(f"{param!r}: {exc}", param) from exc
    if reading.left_out and not asked.truncate:
        raise InvalidRequest(
            f"{param!r} has {reading.count + reading.left_out} tokens and {embedder.id!r} takes "
            f'{reading.count}; shorten it, or send "truncate": true to have its end left out.',
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


def _answer(model: str, asked: Asked, readings: Sequence[Reading], vectors: Vectors) -> Response:
    read = sum(reading.count for reading in readings)
    cut = sum(reading.left_out > 0 for reading in readings)
    # Row by row, for json keeps every other thread waiting until it is done: 1 s for all of the
    # numbers that one request can ask for.
    rows = [
        json.dumps({"object": "embedding", "index": place, "embedding": _shown(vector, asked)})
        for place, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": read, "total_tokens": read}
    rest = json.dumps({"model": model, "usage": usage})
    content = f'{{"object": "list", "data": [{", ".join(rows)}], {rest[1:]}'
    headers = {"x-trinax-truncated": str(cut)} if cut else {}
    return Response(content, media_type="application/json", headers=headers)


def _shown(vector: NDArray[np.float32], asked: Asked) -> list[float] | str:
    if asked.encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    numbers: list[float] = vector.tolist()
    return numbers
