"""Tiny models with random weights that make one vector of a text: as GGUF files, and in NumPy.

The NumPy side is written from the papers' formulas, without llama.cpp's tricks.
"""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.gguf_files import TOKENS, tokenizer_of_words

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[np.float32]]

WIDTH = 32
HEADS = 4
LAYERS = 2
CONTEXT_TOKENS = 48
EPSILON = 1e-6
ROPE_BASE = 10_000.0
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, MASK = range(5)
WORDS = ("the", "lamp", "is", "lit", "at", "dusk", "keeper", "sleeps", "who", "when", "fog", "horn")
PIECES = (*SPECIAL, *map("▁{}".format, WORDS))


def ids(text: str) -> list[int]:
    """Of words from the list."""
    return [PIECES.index(f"▁{word}") for word in text.split()]


def write_bert(
    path: Path,
    pooling: gguf.PoolingType,
    classes: Sequence[str] = (),
    ends: bool = False,
    name: str = "tiny",
) -> Path:
    """classes: labels of a classifier's outputs; without them it has one. ends: whether the
    vocabulary asks for an end after each of two texts."""
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name(name)
    writer.add_layer_norm_eps(EPSILON)
    writer.add_causal_attention(False)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list(list(PIECES))
    writer.add_token_types(
        [gguf.TokenType.CONTROL] * len(SPECIAL) + [gguf.TokenType.NORMAL] * len(WORDS)
    )
    writer.add_pad_token_id(PAD)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(START)
    writer.add_sep_token_id(END)
    writer.add_eos_token_id(END)
    writer.add_mask_token_id(MASK)
    writer.add_add_eos_token(ends)
    _finish(writer, pooling, classes, bert_tensors(_outputs(pooling, classes)))
    return path


def write_qwen3(
    path: Path, pooling: gguf.PoolingType, classes: Sequence[str] = (), template: str = ""
) -> Path:
    """A causal model over the words of gguf_files. template: how a pair is laid out."""
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(ROPE_BASE)
    tokenizer_of_words(writer)
    if template:
        writer.add_string("tokenizer.chat_template.rerank", template)
    _finish(writer, pooling, classes, qwen3_tensors(_outputs(pooling, classes)))
    return path


def bert_tensors(outputs: int) -> Tensors:
    """outputs: of the classifier; 0 for none."""
    random = _Random()
    tensors = {
        "token_embd.weight": random(1.0, len(PIECES), WIDTH),
        "position_embd.weight": random(0.3, CONTEXT_TOKENS, WIDTH),
        "token_types.weight": random(0.3, 2, WIDTH),
        **random.norm("token_embd_norm"),
    }
    for layer in range(LAYERS):
        for matrix in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors |= random.linear(f"blk.{layer}.{matrix}", WIDTH, WIDTH)
        tensors |= random.linear(f"blk.{layer}.ffn_up", 2 * WIDTH, WIDTH)
        tensors |= random.linear(f"blk.{layer}.ffn_down", WIDTH, 2 * WIDTH)
        tensors |= random.norm(f"blk.{layer}.attn_output_norm")
        tensors |= random.norm(f"blk.{layer}.layer_output_norm")
    if outputs:
        tensors |= random.linear("cls", WIDTH, WIDTH) | random.linear("cls.output", outputs, WIDTH)
    return tensors


def bert(tokens: Sequence[int], tensors: Tensors) -> Array:
    """(len(tokens), WIDTH), the last hidden states. Devlin et al. 2019."""

    def linear(name: str, values: Array) -> Array:
        return values @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(name: str, values: Array) -> Array:
        values = values - values.mean(axis=1, keepdims=True)
        values = values / np.sqrt((values**2).mean(axis=1, keepdims=True) + EPSILON)
        return values * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    places = tensors["position_embd.weight"][: len(tokens)]
    states = tensors["token_embd.weight"][tokens] + places + tensors["token_types.weight"][0]
    states = norm("token_embd_norm", states.astype(np.float64))
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        queries, keys, values = (linear(f"{block}.attn_{part}", states) for part in "qkv")
        seen = _attention(_heads(queries), _heads(keys), _heads(values))
        states = norm(f"{block}.attn_output_norm", states + linear(f"{block}.attn_output", seen))
        inner = linear(f"{block}.ffn_up", states)
        inner = 0.5 * inner * (1 + np.tanh(np.sqrt(2 / np.pi) * (inner + 0.044715 * inner**3)))
        states = norm(f"{block}.layer_output_norm", states + linear(f"{block}.ffn_down", inner))
    return states


def bert_outputs(tokens: Sequence[int], tensors: Tensors) -> Array:
    """What the classifier makes of the first token's state."""
    first = bert(tokens, tensors)[0]
    dense = np.tanh(tensors["cls.weight"] @ first + tensors["cls.bias"])
    outputs: Array = tensors["cls.output.weight"] @ dense + tensors["cls.output.bias"]
    return outputs


def qwen3_tensors(outputs: int) -> Tensors:
    """outputs: of the classifier; 0 for none."""
    random = _Random()
    tensors = {
        "token_embd.weight": random(1.0, len(TOKENS), WIDTH),
        "output_norm.weight": random.around_one(WIDTH),
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for matrix in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}.{matrix}.weight"] = random(0.3, WIDTH, WIDTH)
        for matrix, shape in (
            ("ffn_gate", (2 * WIDTH, WIDTH)),
            ("ffn_up", (2 * WIDTH, WIDTH)),
            ("ffn_down", (WIDTH, 2 * WIDTH)),
        ):
            tensors[f"{block}.{matrix}.weight"] = random(0.3, *shape)
        for norm, width in (
            ("attn_norm", WIDTH),
            ("ffn_norm", WIDTH),
            ("attn_q_norm", WIDTH // HEADS),
            ("attn_k_norm", WIDTH // HEADS),
        ):
            tensors[f"{block}.{norm}.weight"] = random.around_one(width)
    if outputs:
        tensors["cls.output.weight"] = random(0.3, outputs, WIDTH)
    return tensors


def qwen3(tokens: Sequence[int], tensors: Tensors) -> Array:
    """(len(tokens), WIDTH), the last hidden states. Yang et al. 2025."""

    def norm(name: str, values: Array) -> Array:
        size = np.sqrt((values**2).mean(axis=-1, keepdims=True) + EPSILON)
        normed: Array = values / size * tensors[f"{name}.weight"]
        return normed

    states = tensors["token_embd.weight"][tokens].astype(np.float64)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        read = norm(f"{block}.attn_norm", states)
        queries, keys, values = (
            _heads(read @ tensors[f"{block}.attn_{part}.weight"].T) for part in "qkv"
        )
        queries = _turned(norm(f"{block}.attn_q_norm", queries))
        keys = _turned(norm(f"{block}.attn_k_norm", keys))
        seen = _attention(queries, keys, values, causal=True)
        states = states + seen @ tensors[f"{block}.attn_output.weight"].T
        read = norm(f"{block}.ffn_norm", states)
        gate = read @ tensors[f"{block}.ffn_gate.weight"].T
        inner = gate / (1 + np.exp(-gate)) * (read @ tensors[f"{block}.ffn_up.weight"].T)
        states = states + inner @ tensors[f"{block}.ffn_down.weight"].T
    return norm("output_norm", states)


def _heads(values: Array) -> Array:
    """(tokens, width) → (heads, tokens, width of a head)"""
    return values.reshape(len(values), HEADS, -1).transpose(1, 0, 2)


def _attention(queries: Array, keys: Array, values: Array, causal: bool = False) -> Array:
    scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[2])
    if causal:
        scores = np.where(np.tri(scores.shape[1], dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    seen: Array = weights / weights.sum(axis=2, keepdims=True) @ values
    return seen.transpose(1, 0, 2).reshape(queries.shape[1], WIDTH)


def _turned(values: Array) -> Array:
    """Rotary positions (Su et al. 2021); a number turns with the one half a head away."""
    half = values.shape[2] // 2
    angles = np.outer(np.arange(values.shape[1]), ROPE_BASE ** (-np.arange(half) / half))
    left, right = values[:, :, :half], values[:, :, half:]
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.concatenate([left * cosine - right * sine, left * sine + right * cosine], axis=2)


class _Random:
    def __init__(self) -> None:
        self._numbers = np.random.default_rng(0)

    def __call__(self, scale: float, *shape: int) -> NDArray[np.float32]:
        return (scale * self._numbers.standard_normal(shape)).astype(np.float32)

    def around_one(self, width: int) -> NDArray[np.float32]:
        return 1 + self(0.1, width)

    def linear(self, name: str, rows: int, columns: int) -> Tensors:
        return {f"{name}.weight": self(0.3, rows, columns), f"{name}.bias": self(0.1, rows)}

    def norm(self, name: str) -> Tensors:
        return {f"{name}.weight": self.around_one(WIDTH), f"{name}.bias": self(0.1, WIDTH)}


def _outputs(pooling: gguf.PoolingType, classes: Sequence[str]) -> int:
    return (len(classes) or 1) if pooling is gguf.PoolingType.RANK else 0


def _finish(
    writer: gguf.GGUFWriter, pooling: gguf.PoolingType, classes: Sequence[str], tensors: Tensors
) -> None:
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_pooling_type(pooling)
    if classes:
        writer.add_classifier_output_labels(classes)
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
