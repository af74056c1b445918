"""Whether a model can fill a gap in a text, by the marks that its vocabulary has for that."""

import struct
from collections.abc import Mapping
from typing import Any

LENGTH = struct.Struct("<Q")
# The three marks: keys of a header that give their ids, and else texts that llama.cpp takes for
# them. Source: llama-vocab.cpp.
MARKS = (
    (
        ("fim_pre", "prefix"),
        (
            *("<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<PRE>", "▁<PRE>"),
            *("<|code_prefix|>", "<｜fim▁begin｜>"),
        ),
    ),
    (
        ("fim_suf", "suffix"),
        (
            *("<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<SUF>", "▁<SUF>"),
            *("<|code_suffix|>", "<｜fim▁hole｜>"),
        ),
    ),
    (
        ("fim_mid", "middle"),
        (
            *("<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<MID>", "▁<MID>"),
            *("<|code_middle|>", "<｜fim▁end｜>"),
        ),
    ),
)


def fills_in(values: Mapping[str, Any], texts: bytes) -> bool:
    """values: of a header. texts: of its vocabulary, each behind its length, as GGUF has them."""
    return all(
        any(f"tokenizer.ggml.{key}_token_id" in values for key in keys)
        or any(_element(text) in texts for text in marks)
        for keys, marks in MARKS
    )


def _element(text: str) -> bytes:
    encoded = text.encode()
    return LENGTH.pack(len(encoded)) + encoded
