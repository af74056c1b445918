"""The records of an answer and of a search as API.md's JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from trinax.answering.grounding.sources import snippet
from trinax.answering.records import Grounding, Route, Source
from trinax.index.records import Passage
from trinax.retrieval.records import Explanation, Ranked

Json = dict[str, Any]


def source(source: Source, question: str) -> Json:
    """question: what the snippet is cut around."""
    chunk = source.passage.chunk
    return {
        "n": source.n,
        "chunk_id": chunk.id,
        "file": source.passage.file,
        "collection_id": source.passage.collection,
        "collection": source.passage.collection,
        "project": None,
        "page": chunk.page,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "start_byte": chunk.start_byte,
        "end_byte": chunk.end_byte,
        "sha256": chunk.sha256,
        "snippet": snippet(chunk.text, question, source.passage.language),
        "score": round(source.score, 4),
        "url": None,
    }


def route(route: Route) -> Json:
    return asdict(route)


def grounding(grounding: Grounding) -> Json:
    shown = asdict(grounding)
    if grounding.confidence is not None:
        shown["confidence"] = round(grounding.confidence, 4)
    return shown


def hit(ranked: Ranked) -> Json:
    chunk = ranked.passage.chunk
    shown: Json = {
        "chunk_id": chunk.id,
        "file": ranked.passage.file,
        "collection_id": ranked.passage.collection,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "page": chunk.page,
        "score": round(ranked.score, 6),
        "text": chunk.text,
    }
    if ranked.explanation:
        shown["explain"] = _explanation(ranked.explanation)
    return shown


def chunk(passage: Passage) -> Json:
    chunk = passage.chunk
    return {
        "id": chunk.id,
        "index": passage.ordinal,
        "text": chunk.text,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "page": chunk.page,
        "metadata": {
            "context": chunk.context,
            "kind": passage.kind,
            "language": passage.language,
            "tokens": chunk.tokens,
            "start_byte": chunk.start_byte,
            "end_byte": chunk.end_byte,
            "sha256": chunk.sha256,
        },
    }


def timing(laps_ms: Mapping[str, float]) -> Json:
    """With the total, which is what a person looks for."""
    return {**laps_ms, "total": round(sum(laps_ms.values()), 3)}


def _explanation(explanation: Explanation) -> Json:
    shown = asdict(explanation)
    if not explanation.dropped:
        del shown["dropped"]
    return shown
