"""Tiny GGUF models whose words are known beforehand."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIALS = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
USER_DEFINED = ("<tool>",)
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TOKENS = (*SPECIALS, *USER_DEFINED, *BYTES, *map("▁{}".format, WORDS), "▁")
END = "<|im_end|>"
# What stands before the answer in CHATML.
START = "<0x0A>"
WIDTH = 128
HEADS = 4
# One and two written over and over, until something else stops them.
ENDLESS = ("▁one", "▁two", "▁one")


def tiny_llama(
    path: Path,
    script: Sequence[str] = (*map("▁{}".format, WORDS), END),
    context_tokens: int = 2048,
    template: str = CHATML,
    start: str = START,
    attention: float = 0.0,
    metadata: Mapping[str, float] | None = None,
    fills_in: bool = False,
) -> Path:
    """Write a llama of 0.7 million parameters that answers with the tokens of the script.

    Each token is followed by the one after it in the script, which therefore has each once, but
    that the last may be an earlier one again. start: what the prompt ends with. attention: above
    0 the whole context has a say instead, and the answer is noise, the same each time. fills_in:
    whether a gap in a text is filled in, with the same answer if `start` is as it is.
    """
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, context_tokens, template, metadata or {})
    if fills_in:
        for mark, token in (("pre", "<tool>"), ("suf", "<|im_start|>"), ("mid", START)):
            writer.add_uint32(f"tokenizer.ggml.fim_{mark}_token_id", TOKENS.index(token))
    for name, values in _tensors((start, *script), attention).items():
        writer.add_tensor(name, values)
    _write(writer)
    return path


def _describe(
    writer: gguf.GGUFWriter, context_tokens: int, template: str, metadata: Mapping[str, float]
) -> None:
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    tokenizer_of_words(writer)
    if template:
        writer.add_chat_template(template)
    for key, value in metadata.items():
        writer.add_float32(key, value)


def tokenizer_of_words(writer: gguf.GGUFWriter) -> None:
    """Add the vocabulary of TOKENS, which puts <s> before every text."""
    writer.add_tokenizer_model("llama")
    writer.add_token_list(list(TOKENS))
    writer.add_token_scores([0.0] * len(TOKENS))
    writer.add_token_types([_type(token) for token in TOKENS])
    writer.add_bos_token_id(TOKENS.index("<s>"))
    writer.add_eos_token_id(TOKENS.index(END))
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)


def _type(token: str) -> int:
    if token == "<unk>":
        return int(gguf.TokenType.UNKNOWN)
    if token in SPECIALS:
        return int(gguf.TokenType.CONTROL)
    if token in USER_DEFINED:
        return int(gguf.TokenType.USER_DEFINED)
    return int(gguf.TokenType.BYTE if token in BYTES else gguf.TokenType.NORMAL)


def _tensors(script: Sequence[str], attention: float) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def noise(scale: float, *shape: int) -> NDArray[np.float32]:
        return (scale * random.standard_normal(shape)).astype(np.float32)

    # A token's score is the likeness of its output row with what came last.
    embedding = noise(1.0, len(TOKENS), WIDTH)
    output = noise(0.01, len(TOKENS), WIDTH)
    for before, after in pairwise(script):
        output[TOKENS.index(after)] += 0.1 * embedding[TOKENS.index(before)]
    square = (WIDTH, WIDTH)
    return {
        "token_embd.weight": embedding,
        "output.weight": output if attention == 0 else noise(0.2, len(TOKENS), WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.ffn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_q.weight": noise(0.1, *square),
        "blk.0.attn_k.weight": noise(0.1, *square),
        "blk.0.attn_v.weight": noise(0.1, *square),
        "blk.0.attn_output.weight": noise(attention, *square),
        "blk.0.ffn_gate.weight": noise(0.1, *square),
        "blk.0.ffn_up.weight": noise(0.1, *square),
        "blk.0.ffn_down.weight": noise(attention, *square),
    }


def _write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tiny_mamba(path: Path) -> Path:
    """Write a model with a state in place of keys and values; it answers with noise, the same
    each time."""
    random = np.random.default_rng(1)
    inner, state, rank, kernel = 2 * WIDTH, 8, 8, 4

    def noise(scale: float, *shape: int) -> NDArray[np.float32]:
        return (scale * random.standard_normal(shape)).astype(np.float32)

    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_layer_norm_rms_eps(1e-5)
    tokenizer_of_words(writer)
    writer.add_chat_template(CHATML)
    tensors = {
        "token_embd.weight": noise(1.0, len(TOKENS), WIDTH),
        "output.weight": noise(0.2, len(TOKENS), WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.ssm_in.weight": noise(0.1, 2 * inner, WIDTH),
        "blk.0.ssm_conv1d.weight": noise(0.3, inner, kernel),
        "blk.0.ssm_conv1d.bias": noise(0.1, inner),
        "blk.0.ssm_x.weight": noise(0.1, rank + 2 * state, inner),
        "blk.0.ssm_dt.weight": noise(0.1, inner, rank),
        "blk.0.ssm_dt.bias": noise(0.1, inner),
        "blk.0.ssm_a": -np.abs(noise(1.0, inner, state)),
        "blk.0.ssm_d": noise(0.5, inner),
        "blk.0.ssm_out.weight": noise(0.3, WIDTH, inner),
    }
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    _write(writer)
    return path


def tiny_embedder(path: Path, pooling: gguf.PoolingType = gguf.PoolingType.MEAN) -> Path:
    """Write what passes for an embedding model by its header; it cannot be run."""
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(512)
    writer.add_pooling_type(pooling)
    writer.add_tensor("token_embd.weight", np.zeros((4, 8), np.float16))
    _write(writer)
    return path


def parts_of_a_model(folder: Path, name: str) -> list[Path]:
    """Write a model in two files, as llama.cpp splits them; it cannot be run."""
    writer = gguf.GGUFWriter(folder / f"{name}.gguf", "llama", split_max_tensors=1)
    writer.add_context_length(1024)
    writer.add_tensor("a.weight", np.zeros((4, 8), np.float32))
    writer.add_tensor("b.weight", np.zeros((2, 8), np.float32))
    _write(writer)
    return sorted(folder.glob(f"{name}-*.gguf"))
