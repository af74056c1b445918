"""A BERT of one layer that only adds up its words: attention and feed-forward are zero.

Words of one meaning share an axis, so that what is near and what is far is known by hand.
"""

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

WIDTH = 32
CONTEXT_TOKENS = 64
# A layer norm divides by sqrt(variance + epsilon): a huge epsilon and its root as weight leave
# nothing but the subtraction of the mean.
EPSILON = 1e4
MEANINGS = (
    ("dog", "puppy", "perro"),
    ("sleeps", "sleep", "asleep", "duerme"),
    ("garden", "lawn", "jardín"),
    ("bank", "interest", "rates", "raised"),
    ("delete", "elimino"),
    ("file", "archivo"),
    ("database", "base", "datos"),
    ("heart", "pump", "blood"),
)
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, MASK = range(5)


def write(file: Path, pooling: gguf.PoolingType = gguf.PoolingType.MEAN) -> Path:
    words = [word for meaning in MEANINGS for word in meaning]
    writer = gguf.GGUFWriter(file, "bert")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(EPSILON)
    writer.add_causal_attention(False)
    writer.add_pooling_type(pooling)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list([*SPECIAL, *(f"\u2581{word}" for word in words)])
    writer.add_token_types([gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL] * len(words))
    writer.add_pad_token_id(PAD)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(START)
    writer.add_sep_token_id(END)
    writer.add_eos_token_id(END)
    writer.add_mask_token_id(MASK)
    for name, values in _tensors().items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _tensors() -> dict[str, Array]:
    axes = [axis for axis, meaning in enumerate(MEANINGS) for _ in meaning]
    embedding = np.zeros((len(SPECIAL) + len(axes), WIDTH), np.float32)
    embedding[np.arange(len(axes)) + len(SPECIAL), axes] = 1
    square = np.zeros((WIDTH, WIDTH), np.float32)
    zeros = np.zeros(WIDTH, np.float32)
    root = np.full(WIDTH, np.sqrt(EPSILON), np.float32)
    tensors: dict[str, Array] = {
        "token_embd.weight": embedding,
        "position_embd.weight": np.zeros((CONTEXT_TOKENS, WIDTH), np.float32),
        "token_types.weight": np.zeros((2, WIDTH), np.float32),
    }
    for matrix in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"):
        tensors |= {f"blk.0.{matrix}.weight": square, f"blk.0.{matrix}.bias": zeros}
    for norm in ("token_embd_norm", "blk.0.attn_output_norm", "blk.0.layer_output_norm"):
        tensors |= {f"{norm}.weight": root, f"{norm}.bias": zeros}
    return tensors
