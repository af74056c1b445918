"""Token counts by our own ranks, which size chunks and feed the built-in embedder."""

import base64
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import tiktoken
from numpy.typing import NDArray

from trinax.documents.forms import nfkc

# How text is cut before pairs are merged; the ranks were trained with this very pattern.
PATTERN = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

# tiktoken's regex engine overflows its stack somewhere above half a million blanks in a row.
BLANKS_LIMIT = 100_000
BLANKS = re.compile(rf"(?<!\s)(\s{{{BLANKS_LIMIT}}})\s+")


def normalised(text: str) -> str:
    """The form that is tokenised: NFKC, then lower case; a run of blanks ends after 100 000."""
    if not text.isascii():
        text = nfkc(text)
    if len(text) > BLANKS_LIMIT:
        text = BLANKS.sub(r"\1", text)
    return text.lower()


@cache
def _ranks() -> dict[bytes, int]:
    lines = files(__package__).joinpath("ranks.tiktoken").read_bytes().splitlines()
    pairs = (line.split() for line in lines if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


@cache
def encoding() -> tiktoken.Encoding:
    """The encoding of ranks.tiktoken (lines of base64 token and rank), without special tokens."""
    return tiktoken.Encoding("trinax", pat_str=PATTERN, mergeable_ranks=_ranks(), special_tokens={})


def count(text: str) -> int:
    """Number of tokens of the normalised text."""
    return len(encoding().encode_ordinary(normalised(text)))


def span_counts(text: str, offsets: Sequence[int]) -> list[int]:
    """Number of tokens between each two neighbouring offsets, which ascend from 0 to the end.

    In ASCII text a token counts where it begins; in other text every span is counted for itself.
    """
    plain = normalised(text)
    encode = encoding().encode_ordinary
    if not text.isascii() or len(plain) != len(text):
        return [len(encode(normalised(text[start:end]))) for start, end in pairwise(offsets)]
    lengths = _lengths()[np.array(encode(plain), np.int64)]
    starts = np.cumsum(lengths) - lengths
    counts: list[int] = np.diff(np.searchsorted(starts, offsets)).tolist()
    return counts


@cache
def _lengths() -> NDArray[np.int64]:
    lengths = np.zeros(max(_ranks().values()) + 1, np.int64)
    for token, rank in _ranks().items():
        lengths[rank] = len(token)
    return lengths
