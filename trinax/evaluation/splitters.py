"""Ways to cut a text that ours is compared with."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from trinax.documents import tokens

WORD = re.compile(r"\s*\S+\s*\Z|\s*\S+")

# Those of LangChain's RecursiveCharacterTextSplitter, and the ends of sentences that Chroma's
# report on chunking (July 2024) put between them.
SEPARATORS = ("\n\n", "\n", ".", "?", "!", " ")

Stretch = tuple[int, int]


def fixed(text: str, size_tokens: int) -> list[Stretch]:
    """Stretches of as many words as fit the size, each at least one; half open, in order."""
    return _filled(text, [match.span() for match in WORD.finditer(text)], size_tokens)


def recursive(text: str, size_tokens: int) -> list[Stretch]:
    """What fits the size whole is kept so; else it is split at the first separator it has, and
    neighbours are joined again while they fit."""
    return list(_split(text, (0, len(text)), size_tokens, SEPARATORS))


def _split(
    text: str, stretch: Stretch, size_tokens: int, separators: Sequence[str]
) -> Iterator[Stretch]:
    start, end = stretch
    at = next((n for n, mark in enumerate(separators) if text.find(mark, start, end) >= 0), None)
    if at is None:
        yield from _filled(text, [stretch], size_tokens)
        return
    small: list[Stretch] = []
    for piece in _pieces(text, stretch, separators[at]):
        if tokens.count(text[piece[0] : piece[1]]) <= size_tokens:
            small.append(piece)
            continue
        yield from _filled(text, small, size_tokens)
        small = []
        yield from _split(text, piece, size_tokens, separators[at + 1 :])
    yield from _filled(text, small, size_tokens)


def _pieces(text: str, stretch: Stretch, separator: str) -> Iterator[Stretch]:
    """Between the separators; each begins with the one before it."""
    start, end = stretch
    starts = [match.start() + start for match in re.finditer(re.escape(separator), text[start:end])]
    return pairwise([start, *(at for at in starts if at > start), end])


def _filled(text: str, pieces: Sequence[Stretch], size_tokens: int) -> list[Stretch]:
    """Neighbouring pieces put together while they fit the size."""
    if not pieces:
        return []
    start, end = pieces[0][0], pieces[-1][1]
    offsets = [0, *(piece_end - start for _, piece_end in pieces)]
    sums = list(accumulate(tokens.span_counts(text[start:end], offsets), initial=0))
    found: list[Stretch] = []
    first = 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and sums[last + 1] - sums[first] <= size_tokens:
            last += 1
        found.append((pieces[first][0], pieces[last - 1][1]))
        first = last
    return found
