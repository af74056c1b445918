"""Language models of random weights: as fast as real ones of their shape, and free to hand out."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Quantisation = Literal["f16", "q8_0"]

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIALS = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CONSONANTS = "bcdfghjklmnpqrstvwxz"
VOWELS = "aeiou"
WORD = (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS)
SPACE = "▁"
NOT_WRITTEN = len(SPECIALS) + len(BYTES) + len(SPACE) + len(LETTERS)  # tokens before the words
SEED = 7
# Part of a file's name: another way of writing the same shape is another model.
FORMAT = "1"

Matrix = NDArray[np.float32]


class GgufMissing(Exception):
    """The package that writes model files is not installed."""

    def __init__(self) -> None:
        super().__init__("Making the model needs the package gguf; install it: pip install gguf.")


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a llama; the defaults have 96 million parameters. width is a multiple of 32 · heads."""

    layers: int = 12
    width: int = 768
    heads: int = 12
    shared_heads: int = 4  # of keys and values
    feed_forward: int = 1024
    tokens: int = 32_000
    context_tokens: int = 8192


TINY = Shape(layers=2, width=128, heads=4, shared_heads=2, feed_forward=128, tokens=3000)


def random_model(folder: Path, shape: Shape, quantisation: Quantisation = "f16") -> Path:
    """A model of random weights in the folder, the same on every machine; made if it is not there.

    It writes words in greedy decoding, never a byte or the end of its answer. A word of words()
    is one token. Raises GgufMissing.
    """
    digest = blake2b(f"{FORMAT} {shape} {SEED}".encode(), digest_size=4).hexdigest()
    path = folder / f"random-{quantisation}-{digest}.gguf"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        _write(unfinished, shape, quantisation)
        unfinished.replace(path)
    return path


def words(count: int, seed: str) -> str:
    """Text of that many tokens, the same for the same seed."""
    vocabulary = ["".join(letters) for letters in product(*WORD[:3])]
    return " ".join(random.Random(seed).choices(vocabulary, k=count))


def vocabulary(shape: Shape) -> list[str]:
    """Every token by its id. A word is preceded by all its beginnings, of which it is merged."""
    beginnings = chain.from_iterable(
        map("".join, product(SPACE, *WORD[:length])) for length in range(1, len(WORD) + 1)
    )
    named = [*SPECIALS, *BYTES, SPACE, *LETTERS]
    return [*named, *islice(beginnings, shape.tokens - len(named))]


def _write(path: Path, shape: Shape, quantisation: Quantisation) -> None:
    try:
        import gguf
    except ImportError as exc:
        raise GgufMissing from exc
    kind = gguf.GGMLQuantizationType[quantisation.upper()]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{quantisation.upper()}"])
    _describe(writer, shape)
    for name, values in _tensors(shape):
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: Any, shape: Shape) -> None:
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.shared_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    tokens = vocabulary(shape)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([_token_type(token) for token in tokens])
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_unk_token_id(tokens.index("<unk>"))
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHATML)


def _token_type(token: str) -> int:
    # llama.cpp's numbers; gguf.TokenType has the same.
    normal, unknown, control, byte = 1, 2, 3, 6
    if token == "<unk>":
        return unknown
    if token in SPECIALS:
        return control
    return byte if token in BYTES else normal


def _tensors(shape: Shape) -> Iterator[tuple[str, Matrix]]:
    generator = np.random.default_rng(SEED)

    def matrix(rows: int, columns: int) -> Matrix:
        values = generator.standard_normal((rows, columns), np.float32)
        return values / np.float32(columns**0.5)

    ones = np.ones(shape.width, np.float32)
    shared = shape.width // shape.heads * shape.shared_heads
    yield "token_embd.weight", matrix(shape.tokens, shape.width)
    yield "output_norm.weight", ones
    output = matrix(shape.tokens, shape.width)
    output[:NOT_WRITTEN] = 0  # the best of thousands of random scores is above nought
    yield "output.weight", output
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield block + "attn_norm.weight", ones
        yield block + "ffn_norm.weight", ones
        yield block + "attn_q.weight", matrix(shape.width, shape.width)
        yield block + "attn_k.weight", matrix(shared, shape.width)
        yield block + "attn_v.weight", matrix(shared, shape.width)
        yield block + "attn_output.weight", matrix(shape.width, shape.width)
        yield block + "ffn_gate.weight", matrix(shape.feed_forward, shape.width)
        yield block + "ffn_up.weight", matrix(shape.feed_forward, shape.width)
        yield block + "ffn_down.weight", matrix(shape.width, shape.feed_forward)
