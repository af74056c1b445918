"""The memory of a model at work: sequences of tokens and what was computed of them."""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trinax.errors import ModelFailed
from trinax.llama.library import native
from trinax.llama.samplers import Sampler
from trinax.llama.weights import Weights

BATCH_TOKENS = 512  # evaluated in one call
# What llama_decode returns beside 0; a negative number is an error for good.
NO_ROOM, ABORTED = 1, 2
ALL_F32 = "0"  # enum llama_ftype

Tokens = NDArray[np.int32]
Logits = NDArray[np.float32]
State = NDArray[np.uint8]


class Aborted(Exception):
    """The evaluation was stopped by Context.abort()."""


class Full(Exception):
    """The memory has no room for the batch; nothing of it was evaluated."""


@dataclass(frozen=True, slots=True)
class Size:
    """tokens: room for those of all sequences together; shared ones count once.
    sequences: how many there can be. threads: that compute.
    separate: each sequence has its part of the room for itself, and nothing is shared."""

    tokens: int
    sequences: int
    threads: int
    separate: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Tokens to append to a sequence at positions start, start + 1, …
    output: whether the last one is to be followed by a sampled token."""

    sequence: int
    start: int
    tokens: Sequence[int] | Tokens
    output: bool


class Context:
    """One thread uses it; abort() may come from any."""

    def __init__(self, weights: Weights, size: Size) -> None:
        """Raises ModelFailed."""
        self._weights = weights
        # Read by llama.cpp while it computes, see _abort_callback.
        self._abort = ctypes.create_string_buffer(2)
        parameters = native.llama_context_default_params()
        parameters.n_ctx = size.tokens
        parameters.n_batch = parameters.n_ubatch = min(BATCH_TOKENS, size.tokens)
        parameters.n_seq_max = parameters.n_outputs_max = size.sequences
        parameters.kv_unified = not size.separate  # so that a fork shares the cells of its prompt
        parameters.swa_full = True  # else a kept prompt cannot be cut back
        parameters.n_threads = parameters.n_threads_batch = size.threads
        parameters.no_perf = True
        if weights.value("general.file_type") == ALL_F32:
            # Sums of f16 values depend on where in memory they lie, and flash attention has some
            # even with an f32 cache; such a model is not for speed.
            parameters.type_k = parameters.type_v = native.GGML_TYPE_F32
            parameters.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._pointer = native.llama_init_from_model(weights.pointer, parameters)
        if not self._pointer:
            raise ModelFailed(
                weights.model_id, "there is not enough memory for its context, or it cannot write"
            )
        native.llama_set_abort_callback(
            self._pointer, _abort_callback(), ctypes.cast(self._abort, ctypes.c_void_p)
        )
        self._memory = native.llama_get_memory(self._pointer)
        self._vocabulary_size: int = native.llama_vocab_n_tokens(
            native.llama_model_get_vocab(weights.pointer)
        )
        self.batch_tokens: int = parameters.n_batch
        self.size = size
        self._rows: dict[int, Logits] = {}
        self._batch = _Batch(self.batch_tokens)

    def evaluate(self, slices: Sequence[Slice]) -> list[int]:
        """Compute at most batch_tokens tokens in one go.

        Returns for each slice where its last token's outputs lie, for sample() and logits().
        Raises Full; Aborted, with some of the tokens possibly in memory; ModelFailed.
        """
        places = self._batch.fill(slices)
        outcome = native.llama_decode(self._pointer, self._batch.native)
        if outcome == ABORTED:
            raise Aborted
        if outcome == NO_ROOM:
            raise Full
        if outcome != 0:
            raise ModelFailed(self._weights.model_id, f"llama.cpp stopped with code {outcome}")
        return places

    def cut(self, sequence: int, length: int = 0) -> bool:
        """Forget what follows the first `length` tokens; False if this model cannot."""
        return bool(native.llama_memory_seq_rm(self._memory, sequence, length, -1))

    def fork(self, source: int, target: int, length: int = -1) -> None:
        """Make target, which must be empty, the first `length` tokens of source (-1: all); not
        for separate sequences, which are copied with state() and restore()."""
        native.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def sample(self, sampler: Sampler, place: int) -> int:
        """The token that follows the one whose outputs lie at place."""
        token: int = native.llama_sampler_sample(sampler.pointer, self._pointer, place)
        return token

    def logits(self, place: int) -> Logits:
        """(vocabulary,) float32; the memory itself, which the next evaluation overwrites."""
        row = native.llama_get_logits_ith(self._pointer, place)
        address = ctypes.addressof(row.contents)
        # Rows lie at a few places; np.ctypeslib.as_array takes longer than finding the best token.
        found = self._rows.get(address)
        if found is None:
            found = self._rows[address] = np.ctypeslib.as_array(row, (self._vocabulary_size,))
        return found

    def state(self, sequence: int, place: State | None = None) -> State:
        """A copy of what was computed of a sequence, for restore(). place: memory to use if it is
        large enough; new memory takes longer than the copying."""
        size_bytes = native.llama_state_seq_get_size(self._pointer, sequence)
        fits = place is not None and len(place) >= size_bytes
        state = place[:size_bytes] if place is not None and fits else np.empty(size_bytes, np.uint8)
        native.llama_state_seq_get_data(self._pointer, _bytes(state), size_bytes, sequence)
        return state

    def restore(self, sequence: int, state: State) -> bool:
        """Put a copy into an empty sequence, also of another context of the same shape and model;
        False if there is no room or it does not fit."""
        read = native.llama_state_seq_set_data(self._pointer, _bytes(state), len(state), sequence)
        if not read:
            self.cut(sequence)
        return bool(read)

    def abort(self) -> None:
        """Stop the evaluation that is running, or else the next."""
        self._abort[0] = b"\x01"

    def resume(self) -> None:
        """Take back an abort() that came too late."""
        self._abort[0] = b"\x00"

    def close(self) -> None:
        if self._pointer:
            native.llama_free(self._pointer)
            self._pointer = None


class _Batch:
    """llama_batch over NumPy arrays, which fill faster than ctypes ones."""

    def __init__(self, limit: int) -> None:
        self._token = np.zeros(limit, np.int32)
        self._position = np.zeros(limit, np.int32)
        self._sequences = np.ones(limit, np.int32)
        self._sequence = np.zeros(limit, np.int32)
        self._output = np.zeros(limit, np.int8)
        first = self._sequence.ctypes.data
        self._pointers = np.arange(first, first + 4 * limit, 4, dtype=np.uintp)
        self.native = native.llama_batch(
            n_tokens=0,
            token=_pointer(self._token, native.llama_token),
            embd=None,
            pos=_pointer(self._position, native.llama_pos),
            n_seq_id=_pointer(self._sequences, ctypes.c_int32),
            seq_id=_pointer(self._pointers, ctypes.POINTER(native.llama_seq_id)),
            logits=_pointer(self._output, ctypes.c_int8),
        )

    def fill(self, slices: Sequence[Slice]) -> list[int]:
        """Returns the index of each slice's last token."""
        places: list[int] = []
        end = 0
        for part in slices:
            begin, end = end, end + len(part.tokens)
            self._token[begin:end] = part.tokens
            self._position[begin:end] = range(part.start, part.start + end - begin)
            self._sequence[begin:end] = part.sequence
            self._output[begin:end] = 0
            self._output[end - 1] = part.output
            places.append(end - 1)
        self.native.n_tokens = end
        return places


def _bytes(state: State) -> Any:
    return _pointer(state, ctypes.c_uint8)


def _pointer(array: NDArray[Any], kind: Any) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))


def _abort_callback() -> Any:
    """A native function from the abort flag to whether to abort.

    llama.cpp asks before every operation; a Python function would take the GIL each time. The
    flag is a C string of no or one character, so its length is the answer.
    """
    libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, native.ggml_abort_callback)
