"""llama.cpp as plain Python objects: the only importer of llama_cpp in this package.

Importing llama_cpp takes 0.8 s, so this module is imported when the first model is needed.
"""

import ctypes
import logging
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as native

from trinax.errors import ModelFailed
from trinax.models.sampling import Chain

logger = logging.getLogger(__name__)

BATCH_TOKENS = 512  # evaluated in one call; a prompt is cancelled between two
SEQUENCES = 2  # one is kept for the next request, one is forked for each choice
LOAD_ERROR = "error loading model: "
DECODE_ABORTED = 2
SPECIAL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_USER_DEFINED


class Aborted(Exception):
    """The evaluation was stopped by Context.abort()."""


@dataclass(frozen=True, slots=True)
class Special:
    """A token that is written as one mark. control: text is never tokenised to it by itself.
    trims_left, trims_right: white space beside it does not count."""

    token: int
    control: bool
    trims_left: bool
    trims_right: bool


@native.llama_log_callback  # type: ignore[untyped-decorator]
def _log(_level: int, text: bytes, _: object) -> None:
    line = text.decode("utf-8", "replace").strip(" .\n")
    if line:
        # llama.cpp calls much an error that is none, an aborted evaluation for one.
        logger.log(logging.WARNING if LOAD_ERROR in line else logging.DEBUG, "%s", line)


class Weights:
    """A loaded file. May be read by several threads until it is closed."""

    def __init__(
        self, model_id: str, path: Path, gpu_layers: int = -1, vocabulary_only: bool = False
    ) -> None:
        """Raises ModelFailed."""
        native.llama_log_set(_log, ctypes.c_void_p(0))
        native.llama_backend_init()
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.vocab_only = vocabulary_only
        self.model_id = model_id
        with _reasons() as reasons:
            self.pointer = native.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.pointer:
            reason = next(iter(reasons), "llama.cpp cannot load it")
            raise ModelFailed(model_id, reason.replace(str(path), "the file"))

    def close(self) -> None:
        if self.pointer:
            native.llama_model_free(self.pointer)
            self.pointer = None


@contextmanager
def _reasons() -> Iterator[list[str]]:
    """What llama.cpp logs as the reason of a failed load, on this thread."""
    thread, reasons = threading.get_ident(), list[str]()

    class Reasons(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            _, found, reason = record.getMessage().partition(LOAD_ERROR)
            if found and record.thread == thread:
                reasons.append(reason)

    handler = Reasons(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield reasons
    finally:
        logger.removeHandler(handler)


class Vocabulary:
    """Text to tokens and back; lives as long as its weights."""

    def __init__(self, weights: Weights) -> None:
        self._vocabulary = native.llama_model_get_vocab(weights.pointer)
        self.size: int = native.llama_vocab_n_tokens(self._vocabulary)
        bos: int = native.llama_vocab_bos(self._vocabulary)
        adds_bos = native.llama_vocab_get_add_bos(self._vocabulary)
        self.prefix: tuple[int, ...] = (bos,) if adds_bos and bos >= 0 else ()
        self.bos = self._text(bos)
        self.eos = self._text(native.llama_vocab_eos(self._vocabulary))
        self.specials: Mapping[str, Special] = dict(self._specials())

    def tokens(self, text: str) -> list[int]:
        """Of plain text: control tokens in it are letters like any other."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 2  # a token has at least a byte; a space may be put before
        buffer = (native.llama_token * room)()
        count = native.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, False)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """What a token writes; b"" for a control token."""
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = native.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, False)
            if size >= 0:
                return buffer.raw[:size]
            room = -size

    def ends(self, token: int) -> bool:
        """Whether a token ends the generation."""
        return bool(native.llama_vocab_is_eog(self._vocabulary, token))

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes | None = native.llama_vocab_get_text(self._vocabulary, token)
        return (text or b"").decode("utf-8", "replace")

    def _specials(self) -> Iterator[tuple[str, Special]]:
        attributes = native.llama_vocab_get_attr
        for token in range(self.size):
            attribute = attributes(self._vocabulary, token)
            text = self._text(token) if attribute & SPECIAL else ""
            if text.strip():
                yield (
                    text,
                    Special(
                        token,
                        control=bool(attribute & native.LLAMA_TOKEN_ATTR_CONTROL),
                        trims_left=bool(attribute & native.LLAMA_TOKEN_ATTR_LSTRIP),
                        trims_right=bool(attribute & native.LLAMA_TOKEN_ATTR_RSTRIP),
                    ),
                )


class Context:
    """The memory of a model at work. One thread uses it; abort() may come from any."""

    def __init__(self, weights: Weights, limit_tokens: int, threads: int) -> None:
        """Raises ModelFailed."""
        self._weights = weights
        # Read by llama.cpp while it computes, see _abort_callback.
        self._abort = ctypes.create_string_buffer(2)
        parameters = native.llama_context_default_params()
        parameters.n_ctx = limit_tokens
        parameters.n_batch = parameters.n_ubatch = min(BATCH_TOKENS, limit_tokens)
        parameters.n_seq_max = SEQUENCES
        parameters.kv_unified = True  # a fork shares the cells of its prompt
        parameters.swa_full = True  # else a kept prompt cannot be cut back
        parameters.n_threads = parameters.n_threads_batch = threads
        self._pointer = native.llama_init_from_model(weights.pointer, parameters)
        if not self._pointer:
            raise ModelFailed(
                weights.model_id, "there is not enough memory for its context, or it cannot write"
            )
        native.llama_set_abort_callback(
            self._pointer, _abort_callback(), ctypes.cast(self._abort, ctypes.c_void_p)
        )
        self._memory = native.llama_get_memory(self._pointer)
        self._vocabulary = native.llama_model_get_vocab(weights.pointer)
        self._batch = native.llama_batch_init(parameters.n_batch, 0, 1)

    def evaluate(self, tokens: Sequence[int], start: int, sequence: int, outputs: bool) -> None:
        """Append at most BATCH_TOKENS tokens at positions start, start + 1, … of a sequence.

        outputs: whether the last one is to be followed by a sampled token.
        Raises Aborted, with some of them possibly in memory, and ModelFailed.
        """
        batch, last = self._batch, len(tokens) - 1
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = start + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = outputs and i == last
        outcome = native.llama_decode(self._pointer, batch)
        if outcome == DECODE_ABORTED:
            raise Aborted
        if outcome != 0:
            raise ModelFailed(self._weights.model_id, f"llama.cpp stopped with code {outcome}")

    def cut(self, sequence: int, length: int) -> bool:
        """Forget what follows the first `length` tokens; False if this model cannot."""
        return bool(native.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def fork(self, source: int, target: int) -> None:
        """Make target the same sequence as source."""
        native.llama_memory_seq_rm(self._memory, target, -1, -1)
        native.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def sample(self, sampler: "Sampler") -> int:
        """The token that follows the last evaluated one."""
        token: int = native.llama_sampler_sample(sampler.pointer, self._pointer, -1)
        return token

    def abort(self) -> None:
        """Stop the evaluation that is running, or else the next."""
        self._abort[0] = b"\x01"

    def resume(self) -> None:
        self._abort[0] = b"\x00"

    def close(self) -> None:
        if self._pointer:
            native.llama_batch_free(self._batch)
            native.llama_free(self._pointer)
            self._pointer = None


class Sampler:
    """One choice's samplers and their state; closed before its weights."""

    def __init__(
        self, vocabulary: Vocabulary, chain: Chain, prompt: Sequence[int], limit_tokens: int
    ) -> None:
        """prompt: what the repetition penalty counts beside the answer of at most limit_tokens."""
        self.pointer = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for sampler in _samplers(vocabulary.size, chain, prompt, limit_tokens):
            native.llama_sampler_chain_add(self.pointer, sampler)

    def close(self) -> None:
        if self.pointer:
            native.llama_sampler_free(self.pointer)
            self.pointer = None


def _samplers(size: int, chain: Chain, prompt: Sequence[int], limit: int) -> Iterator[Any]:
    if chain.logit_bias:
        pairs = [native.llama_logit_bias(token, bias) for token, bias in chain.logit_bias]
        biases = (native.llama_logit_bias * len(pairs))(*pairs)
        yield native.llama_sampler_init_logit_bias(size, len(biases), biases)
    if chain.repetition_penalty != 1:
        repetition = native.llama_sampler_init_penalties(
            size, len(prompt) + limit, chain.repetition_penalty, 0, 0
        )
        for token in prompt:
            native.llama_sampler_accept(repetition, token)
        yield repetition
    if chain.frequency_penalty or chain.presence_penalty:
        yield native.llama_sampler_init_penalties(
            size, limit, 1, chain.frequency_penalty, chain.presence_penalty
        )
    if chain.temperature <= 0:
        yield native.llama_sampler_init_greedy()
        return
    yield native.llama_sampler_init_top_k(chain.top_k)
    yield native.llama_sampler_init_top_p(chain.top_p, 1)
    yield native.llama_sampler_init_min_p(chain.min_p, 1)
    yield native.llama_sampler_init_temp(chain.temperature)
    yield native.llama_sampler_init_dist(chain.seed)


def _abort_callback() -> Any:
    """A native function from the abort flag to whether to abort.

    llama.cpp asks before every operation; a Python function would take the GIL each time. The
    flag is a C string of no or one character, so its length is the answer.
    """
    libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, native.ggml_abort_callback)
