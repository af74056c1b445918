"""Passages that stand side by side in a file, as one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from trinax.documents import tokens
from trinax.documents.records import Chunk
from trinax.index.records import Passage
from trinax.retrieval.records import Ranked

# More is not put together: a passage that is too long for a prompt is left out of it whole.
LIMIT_TOKENS = 1024


def joined(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Neighbours as one passage in the place, and with the score and the id, of the best of them.

    Its text is what the file has from the first to the last of them. The blanks between two chunks
    are in no store: where lines and bytes do not tell what they are, the two stay apart. A lone
    byte within a line is taken for a space if there is no tab in either.
    """
    places = {each.passage.chunk.id: place for place, each in enumerate(ranked)}
    found = []
    for run in _runs(ranked):
        best = min(run, key=lambda each: places[each.passage.chunk.id])
        found.append((places[best.passage.chunk.id], _one(run, best) if len(run) > 1 else best))
    return tuple(one for _, one in sorted(found, key=lambda each: each[0]))


def _runs(ranked: Sequence[Ranked]) -> Iterator[list[Ranked]]:
    run: list[Ranked] = []
    for each in sorted(ranked, key=_order):
        size = sum(one.passage.chunk.tokens for one in (*run, each))
        if run and size <= LIMIT_TOKENS and _follows(run[-1].passage, each.passage):
            run.append(each)
        else:
            if run:
                yield run
            run = [each]
    if run:
        yield run


def _order(ranked: Ranked) -> tuple[str, str, str, int]:
    passage = ranked.passage
    return passage.collection, passage.url, passage.file, passage.ordinal


def _follows(before: Passage, passage: Passage) -> bool:
    same = (before.collection, before.url, before.file, before.ordinal + 1, before.chunk.page)
    here = (passage.collection, passage.url, passage.file, passage.ordinal, passage.chunk.page)
    return same == here and _continuation(before.chunk, passage.chunk) is not None


def _one(run: Sequence[Ranked], best: Ranked) -> Ranked:
    chunks = [each.passage.chunk for each in run]
    text = chunks[0].text
    for before, chunk in pairwise(chunks):
        text += _continuation(before, chunk) or ""
    chunk = replace(
        best.passage.chunk,
        text=text,
        start_byte=chunks[0].start_byte,
        end_byte=chunks[-1].end_byte,
        start_line=chunks[0].start_line,
        end_line=chunks[-1].end_line,
        tokens=tokens.count(text),
    )
    passage = replace(best.passage, ordinal=run[0].passage.ordinal, chunk=chunk)
    return replace(best, passage=passage, parts=tuple(one.id for one in chunks))


def _continuation(before: Chunk, chunk: Chunk) -> str | None:
    """What the file has from the end of one chunk to the end of the next."""
    gap_bytes = chunk.start_byte - before.end_byte
    if gap_bytes > 0:
        between = _blanks(before, chunk)
        known = len(between.encode(chunk.encoding)) == gap_bytes
        return between + chunk.text if known else None
    encoded = chunk.text.encode(chunk.encoding)
    shared, rest = encoded[:-gap_bytes], encoded[-gap_bytes:]
    repeats = before.text.encode(before.encoding).endswith(shared)
    return rest.decode(chunk.encoding) if repeats and chunk.end_byte > before.end_byte else None


def _blanks(before: Chunk, chunk: Chunk) -> str:
    """The likely ones between two chunks; "" if there is no telling."""
    around = before.text + chunk.text
    lines = chunk.start_line - before.end_line
    if lines == 0:
        return "" if "\t" in around else " "
    if "\r\n" in around:
        return "\r\n" * lines
    return "" if "\r" in around else "\n" * lines
