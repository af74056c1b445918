"""Embedding models in GGUF form.

Importing this takes 0.8 s for llama_cpp, so import it when such a model is wanted.
"""

import logging
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from trinax.embedding.ports import Reading, Vectors
from trinax.embedding.prefixes import prefixes
from trinax.embedding.table import unit_rows
from trinax.errors import InvalidRequest, ModelFailed
from trinax.llama.encoder import Encoder
from trinax.llama.pooled import Pooling, stored_pooling
from trinax.llama.weights import Weights

logger = logging.getLogger(__name__)

# The fingerprint reads this much, spread over the file: models differ everywhere, and hashing all
# of a 4 GB file would take seconds at every start.
SAMPLES = 64
SAMPLE_BYTES = 65_536


class LlamaEmbedder:
    """Texts that do not fit the model are refused as queries; of passages the rest is left out,
    with a warning in the log, so keep chunks within limit_tokens.

    gpu_layers: -1 = all that fit. threads: 0 = one for each physical core.
    Raises ModelFailed.
    """

    def __init__(self, model_id: str, file: Path, gpu_layers: int = -1, threads: int = 0) -> None:
        self._id = model_id
        weights = Weights(model_id, file, gpu_layers)
        try:
            digest = _digest(file)
            pooling = stored_pooling(weights)
            if pooling is Pooling.RANK:
                raise ModelFailed(model_id, "it ranks pairs of texts and cannot embed one")
            # A model made for writing names none; the mean over its tokens is the usual choice.
            pooling = pooling or Pooling.MEAN
            self._encoder = Encoder(weights, pooling, threads)
        except BaseException:
            weights.close()
            raise
        self._before = prefixes(
            weights.value("general.architecture"), weights.value("general.name")
        )
        with self._encoder.reading() as vocabulary:
            self._marks, self._size = vocabulary.marks, vocabulary.size
        self._limit = self._encoder.limit_tokens
        self._reserved = max(len(self._row(before, "a")) for before in self._before) - 1
        self._fingerprint = f"{model_id}-{digest}-{self._setup(pooling)}"

    @property
    def id(self) -> str:
        return self._id

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def width(self) -> int:
        return self._encoder.width

    @property
    def limit_tokens(self) -> int | None:
        """In the model's own tokens, of which CJK text needs more than by the shipped ranks."""
        return self._limit - self._reserved

    def passages(self, texts: Sequence[str]) -> Vectors:
        readings = [self.read(text) for text in texts]
        for reading in readings:
            if reading.left_out:
                logger.warning(
                    "%s takes %d tokens: the last %d of a passage are not in its vector",
                    self._id,
                    self._limit,
                    reading.left_out,
                )
        return self.vectors(readings)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Raises InvalidRequest for a text over the limit."""
        rows = [self._row(self._before[0], text) for text in texts]
        longest = max(map(len, rows), default=0)
        if longest > self._limit:
            raise InvalidRequest(
                f"The question has {longest} tokens and {self._id!r} takes {self._limit}; "
                "shorten it."
            )
        return unit_rows(self._encoder.vectors(rows))

    def read(self, passage: str | Sequence[int]) -> Reading:
        """Token ids get the prefix and the marks that a text would get, where they lack them."""
        row = self._row(self._before[1], passage)
        left_out = max(0, len(row) - self._limit)
        if left_out:
            closing = list(self._marks.closing)
            row = row[: self._limit - len(closing)] + closing
        return Reading(row, len(row), left_out)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        return unit_rows(self._encoder.vectors([reading.tokens for reading in readings]))

    def close(self) -> None:
        self._encoder.close()

    def _row(self, before: str, passage: str | Sequence[int]) -> list[int]:
        """With the marks; empty if nothing stands between them."""
        if isinstance(passage, str):
            tokens = self._tokens(before + passage) if passage.strip() else []
        else:
            ids = self._bare(list(passage))
            tokens = self._tokens(before) + ids if ids else []
        return [*self._marks.opening, *tokens, *self._marks.closing] if tokens else []

    def _tokens(self, text: str) -> list[int]:
        with self._encoder.reading() as vocabulary:
            return vocabulary.tokens(text)

    def _bare(self, ids: list[int]) -> list[int]:
        """Token ids without the marks around them. Raises InvalidRequest."""
        for token in ids:
            if not 0 <= token < self._size:
                raise InvalidRequest(
                    f"{token} is no token of {self._id!r}, which has {self._size}; "
                    "send the text instead."
                )
        opening, closing = list(self._marks.opening), list(self._marks.closing)
        if opening and ids[: len(opening)] == opening:
            ids = ids[len(opening) :]
        if closing and ids[-len(closing) :] == closing:
            ids = ids[: -len(closing)]
        return ids

    def _setup(self, pooling: Pooling) -> str:
        # What decides about a vector beside the file.
        setup = f"{int(pooling)} {self._limit} {self._before}"
        return blake2b(setup.encode(), digest_size=4).hexdigest()


def _digest(file: Path) -> str:
    size_bytes = file.stat().st_size
    digest = blake2b(str(size_bytes).encode(), digest_size=8)
    with file.open("rb") as content:
        for sample in range(SAMPLES):
            content.seek(sample * size_bytes // SAMPLES)
            digest.update(content.read(SAMPLE_BYTES))
    return digest.hexdigest()
