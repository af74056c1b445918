"""A text in pieces that are counted once and never cut again."""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise

from trinax.documents import tokens
from trinax.documents.packing import Atoms

# Prices of cuts that no outline offers, for pieces that are over the limit by themselves.
WORD = 3.0
CHARACTER = 4.0


def atoms(text: str, borders: Mapping[int, float], limit_tokens: int) -> Atoms:
    """The text between neighbouring borders, each piece within the limit.

    A piece above the limit is divided between words, and a word between characters.
    """
    offsets = sorted({0, *borders, len(text)})
    sizes = tokens.span_counts(text, offsets)
    found: list[tuple[int, float, int]] = []
    for span, size in zip(pairwise(offsets), sizes, strict=True):
        price = borders.get(span[0], 0.0)
        if size <= limit_tokens:
            found.append((span[0], price, size))
        else:
            found.extend(_words(text, span, price, limit_tokens))
    return Atoms(
        starts=[*(start for start, _, _ in found), len(text)],
        prices=[price for _, price, _ in found],
        sums=[0, *accumulate(size for _, _, size in found)],
    )


def _words(
    text: str, span: tuple[int, int], price: float, limit_tokens: int
) -> Iterator[tuple[int, float, int]]:
    # Some words at a time; the blank before a word is its own, as it is in tokens.PATTERN.
    words = re.compile(rf"(?s).{{1,{max(1, limit_tokens // 4)}}}\S*")
    for match in words.finditer(text, *span):
        for start, end in _slices(match.span(), 2 * limit_tokens):
            for piece, size in _fitting(text, start, end, limit_tokens):
                yield piece, price, size
                price = CHARACTER
        price = WORD


def _slices(span: tuple[int, int], length: int) -> Iterator[tuple[int, int]]:
    start, end = span
    for at in range(start, end, length):
        yield at, min(at + length, end)


def _fitting(text: str, start: int, end: int, limit_tokens: int) -> Iterator[tuple[int, int]]:
    size = tokens.count(text[start:end])
    if size <= limit_tokens or end - start == 1:
        yield start, size
        return
    middle = (start + end) // 2
    yield from _fitting(text, start, middle, limit_tokens)
    yield from _fitting(text, middle, end, limit_tokens)
