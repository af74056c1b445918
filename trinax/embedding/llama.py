"""Embedding models in GGUF form on llama.cpp: the only importer of llama_cpp in this package.

Importing llama_cpp takes 0.8 s, so import this module when such a model is wanted.
"""

import ctypes
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as native

from trinax.embedding.ports import Vectors
from trinax.embedding.prefixes import prefixes
from trinax.embedding.table import unit_rows
from trinax.errors import InvalidRequest, ModelFailed

logger = logging.getLogger(__name__)

# A chunk has some 256 tokens; memory and attention grow with the longest text allowed.
LONGEST_TOKENS = 2048
# Texts share a batch up to this size; attention is computed over the whole of it.
BATCH_TOKENS = 512
BATCH_TEXTS = 64
ERROR_LEVEL = 4  # enum ggml_log_level
# The fingerprint reads this much, spread over the file: models differ everywhere, and hashing all
# of a 4 GB file would take seconds at every start.
SAMPLES = 64
SAMPLE_BYTES = 65_536


@native.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _: object) -> None:
    line = text.decode("utf-8", "replace").strip(" .\n")
    if line:
        logger.log(logging.WARNING if level == ERROR_LEVEL else logging.DEBUG, "%s", line)


class LlamaEmbedder:
    """Texts that do not fit the model are refused as queries; of passages the rest is left out,
    with a warning in the log, so keep chunks within limit_tokens.

    gpu_layers: -1 = all that fit. threads: 0 = one for each core.
    Raises ModelFailed.
    """

    def __init__(self, model_id: str, file: Path, gpu_layers: int = -1, threads: int = 0) -> None:
        self._id = model_id
        self._turnstile, self._lock = threading.Lock(), threading.Lock()
        self._model: Any = None
        self._context: Any = None
        native.llama_log_set(_log, ctypes.c_void_p(0))
        native.llama_backend_init()
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        self._model = native.llama_model_load_from_file(str(file).encode(), parameters)
        if not self._model:
            raise ModelFailed(model_id, f"llama.cpp cannot load {file.name}")
        try:
            self._start(threads or os.cpu_count() or 1)
            self._read_texts_as()
            self._fingerprint = f"{model_id}-{_digest(file)}-{self._setup()}"
        except BaseException:
            self.close()
            raise

    @property
    def id(self) -> str:
        return self._id

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def width(self) -> int:
        return self._width

    @property
    def limit_tokens(self) -> int | None:
        """In the model's own tokens, of which CJK text needs more than by the shipped ranks."""
        return self._limit - self._reserved

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._vectors([self._cut(self._tokens(self._before[1], text)) for text in texts])

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Raises InvalidRequest for a text over the limit."""
        rows = [self._tokens(self._before[0], text) for text in texts]
        longest = max(map(len, rows), default=0)
        if longest > self._limit:
            raise InvalidRequest(
                f"The question has {longest} tokens and {self._id!r} takes {self._limit}; "
                "shorten it."
            )
        return self._vectors(rows)

    def close(self) -> None:
        with self._alone():
            if self._context:
                native.llama_batch_free(self._batch)
                native.llama_free(self._context)
                self._context = None
            if self._model:
                native.llama_model_free(self._model)
                self._model = None

    def _start(self, threads: int) -> None:
        trained_tokens = native.llama_model_n_ctx_train(self._model) or BATCH_TOKENS
        self._limit = min(trained_tokens, LONGEST_TOKENS)
        self._room = max(self._limit, BATCH_TOKENS)
        self._pooling = self._pooling_type()
        parameters = native.llama_context_default_params()
        # An encoder attends both ways, so a text cannot be split over two micro-batches.
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = self._room
        parameters.n_seq_max = BATCH_TEXTS
        parameters.kv_unified = True  # else each text gets a 64th of the context
        parameters.embeddings = True
        parameters.pooling_type = self._pooling
        parameters.n_threads = parameters.n_threads_batch = threads
        context = native.llama_init_from_model(self._model, parameters)
        if not context:
            raise ModelFailed(self._id, "there is not enough memory for it, or it cannot embed")
        self._batch = native.llama_batch_init(self._room, 0, 1)
        self._context = context
        self._memory = native.llama_get_memory(context)
        self._width: int = native.llama_model_n_embd_out(self._model)

    def _read_texts_as(self) -> None:
        self._vocabulary = native.llama_model_get_vocab(self._model)
        self._before = prefixes(self._value("general.architecture"), self._value("general.name"))
        marks = {
            native.llama_vocab_eos(self._vocabulary),
            native.llama_vocab_sep(self._vocabulary),
        }
        self._closing = [token for token in self._tokens("", "a")[-1:] if token in marks]
        longest_prefix = max(len(self._tokens(before, "a")) for before in self._before)
        self._reserved = longest_prefix - 1  # what is added to a text, in tokens

    def _pooling_type(self) -> int:
        stored = self._value(self._value("general.architecture") + ".pooling_type")
        if stored == str(native.LLAMA_POOLING_TYPE_RANK):
            raise ModelFailed(self._id, "it ranks pairs of texts and cannot embed one")
        # A model made for writing names none; the mean over its tokens is the usual choice.
        return int(stored or 0) or int(native.LLAMA_POOLING_TYPE_MEAN)

    def _value(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        native.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    def _setup(self) -> str:
        # What decides about a vector beside the file.
        setup = f"{self._pooling} {self._limit} {self._before}"
        return blake2b(setup.encode(), digest_size=4).hexdigest()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # A plain lock would go back to whoever let go of it last; waiting for it at the turnstile
        # lets a question in between two batches of passages.
        with self._turnstile:
            self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _tokens(self, before: str, text: str) -> list[int]:
        if not text.strip():
            return []
        data = (before + text).encode("utf-8", "replace")
        room = len(data) + 4  # a token has at least a byte; the model's marks come on top
        buffer = (native.llama_token * room)()
        with self._alone():
            if not self._model:
                raise ModelFailed(self._id, "it was closed")
            count = native.llama_tokenize(
                self._vocabulary, data, len(data), buffer, room, True, False
            )
        if count < 0:
            raise ModelFailed(self._id, "its tokenizer failed")
        return buffer[:count]

    def _cut(self, tokens: list[int]) -> list[int]:
        over = len(tokens) - self._limit
        if over <= 0:
            return tokens
        logger.warning(
            "%s takes %d tokens: the last %d of a passage are not in its vector",
            self._id,
            self._limit,
            over,
        )
        return tokens[: self._limit - len(self._closing)] + self._closing

    def _vectors(self, rows: Sequence[Sequence[int]]) -> Vectors:
        vectors = np.zeros((len(rows), self._width), np.float32)
        for batch in _batches(rows):
            with self._alone():
                self._evaluate([rows[place] for place in batch])
                for sequence, place in enumerate(batch):
                    pooled = native.llama_get_embeddings_seq(self._context, sequence)
                    vectors[place] = np.ctypeslib.as_array(pooled, (self._width,))
        if not np.isfinite(vectors).all():
            raise ModelFailed(self._id, "it gave a vector that is no number")
        return unit_rows(vectors)

    def _evaluate(self, rows: Sequence[Sequence[int]]) -> None:
        if not self._context:
            raise ModelFailed(self._id, "it was closed")
        batch, place = self._batch, 0
        for sequence, tokens in enumerate(rows):
            for position, token in enumerate(tokens):
                batch.token[place] = token
                batch.pos[place] = position
                batch.n_seq_id[place] = 1
                batch.seq_id[place][0] = sequence
                batch.logits[place] = True  # pooling takes in every token
                place += 1
        batch.n_tokens = place
        if self._memory:
            native.llama_memory_clear(self._memory, False)
            outcome = native.llama_decode(self._context, batch)
        else:
            outcome = native.llama_encode(self._context, batch)
        if outcome != 0:
            raise ModelFailed(self._id, f"llama.cpp stopped with code {outcome}")


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of the rows that are evaluated together; an empty row is in none."""
    batch: list[int] = []
    tokens = 0
    for place, row in enumerate(rows):
        if batch and (tokens + len(row) > BATCH_TOKENS or len(batch) == BATCH_TEXTS):
            yield batch
            batch, tokens = [], 0
        if row:
            batch.append(place)
            tokens += len(row)
    if batch:
        yield batch


def _digest(file: Path) -> str:
    size_bytes = file.stat().st_size
    digest = blake2b(str(size_bytes).encode(), digest_size=8)
    with file.open("rb") as content:
        for sample in range(SAMPLES):
            content.seek(sample * size_bytes // SAMPLES)
            digest.update(content.read(SAMPLE_BYTES))
    return digest.hexdigest()
