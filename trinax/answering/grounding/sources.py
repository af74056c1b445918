"""Passages as the numbered sources of an answer."""

import re
from collections.abc import Sequence

from trinax.answering.records import Source
from trinax.index import analysis
from trinax.retrieval.records import Ranked

SNIPPET_CHARACTERS = 280
# An editor's question can hold whole files, and every source is cut around the question's words.
QUESTION_CHARACTERS = 1000
ELLIPSIS = "…"


def sources(ranked: Sequence[Ranked]) -> tuple[Source, ...]:
    """Numbered from 1 in the order given."""
    return tuple(
        Source(n, each.passage, min(1.0, max(0.0, each.score))) for n, each in enumerate(ranked, 1)
    )


def snippet(text: str, question: str = "", language: str = "") -> str:
    """At most 280 characters of the text: where most of the question's words stand together.

    White space is collapsed; an ellipsis marks each cut. language: of the text. A long question
    counts by its beginning.
    """
    flat = re.sub(r"\s+", " ", text).strip()
    if len(flat) <= SNIPPET_CHARACTERS:
        return flat
    room = SNIPPET_CHARACTERS - 2 * len(ELLIPSIS)
    start = _densest(flat, question[:QUESTION_CHARACTERS], language, room)
    end = min(len(flat), start + room)
    if start > 0:  # begin at a word
        start = flat.find(" ", start - 1, start + 20) + 1 or start
    if end < len(flat):
        end = max(flat.rfind(" ", end - 20, end + 1), 0) or end
    before = ELLIPSIS if start > 0 else ""
    after = ELLIPSIS if end < len(flat) else ""
    return before + flat[start:end].strip() + after


def _densest(text: str, question: str, language: str, room: int) -> int:
    """Where a window of `room` characters holds most different words of the question."""
    languages = [language or "en"]
    wanted = {id for _, ids in analysis.query_words(question, languages) for id in ids}
    hits: list[tuple[int, frozenset[int]]] = []
    at = 0
    for word, ids in analysis.query_words(text, languages) if wanted else ():
        matched = wanted.intersection(ids)
        # Analysis lists runs of CJK before the other words.
        found = max(text.find(word, at), text.find(word) if matched else -1)
        at = max(at, found)
        if matched and found >= 0:
            hits.append((found, frozenset(matched)))
    hits.sort(key=lambda hit: hit[0])
    best, start = 0, 0
    for index, (position, _) in enumerate(hits):
        window = [ids for other, ids in hits[index:] if other < position + room]
        held = len(frozenset().union(*window))
        if held > best:
            best, start = held, max(0, position - room // 6)
    return max(0, min(start, len(text) - room))
