"""The records of an answer and of a search as API.md's JSON."""

from collections.abc import Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from trinax.answering import records
from trinax.answering.grounding.sources import snippet
from trinax.index.records import Passage
from trinax.models.ports import TokenLogprob
from trinax.retrieval.records import Explanation, Ranked
from trinax.retrieval.records import Stage as Stood

Json = dict[str, Any]
Timing = dict[str, float]


class Token(TypedDict):
    token: str
    logprob: float
    bytes: list[int]


class Logprob(Token):
    """top_logprobs: the likeliest tokens at its place, best first."""

    top_logprobs: list[Token]


class Source(TypedDict):
    n: int
    chunk_id: str
    file: str
    collection_id: str
    collection: str
    project: str | None
    page: int | None
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int
    sha256: str
    snippet: str
    score: float
    url: str | None


class Route(TypedDict):
    kind: str
    model: str
    reasons: list[str]
    forced: bool


class Span(TypedDict):
    n: int
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    quote: str


class Support(TypedDict):
    sentence: str
    sources: list[int]
    score: float
    spans: list[Span]


class Grounding(TypedDict):
    verdict: records.Verdict
    support: list[Support]
    confidence: float | None


class LeftOut(TypedDict):
    passages: int
    turns: int
    condensed: int
    files: int | None
    pages: int
    attachments: list[str]


class Stage(TypedDict):
    rank: int | None
    score: float | None


class Explained(TypedDict):
    dense: Stage
    bm25: Stage
    fused: Stage
    weights: dict[str, float]
    matched: dict[str, float]
    copies: NotRequired[list[str]]
    reranked: NotRequired[Stage]
    features: NotRequired[dict[str, float]]
    dropped: NotRequired[str]


class Hit(TypedDict):
    """chunk_ids: where neighbours were merged, in the file's order; chunk_id: the best of them."""

    chunk_id: str
    file: str
    collection_id: str
    start_line: int
    end_line: int
    page: int | None
    score: float
    text: str
    chunk_ids: NotRequired[list[str]]
    explain: NotRequired[Explained]


class Metadata(TypedDict):
    context: str
    kind: str
    language: str
    tokens: int
    start_byte: int
    end_byte: int
    sha256: str


class Chunk(TypedDict):
    id: str
    index: int
    text: str
    start_line: int
    end_line: int
    page: int | None
    metadata: Metadata


def logprob(written: TokenLogprob) -> Logprob:
    """In the form that OpenAI's chat and Ollama share."""
    return {**_token(written), "top_logprobs": list(map(_token, written.top))}


def _token(written: TokenLogprob) -> Token:
    return {"token": written.token, "logprob": written.logprob, "bytes": list(written.bytes)}


def source(source: records.Source, question: str) -> Source:
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
        "url": source.passage.url or None,
    }


def route(route: records.Route) -> Route:
    return {
        "kind": route.kind,
        "model": route.model,
        "reasons": list(route.reasons),
        "forced": route.forced,
    }


def grounding(grounding: records.Grounding) -> Grounding:
    confidence = grounding.confidence
    return {
        "verdict": grounding.verdict,
        "support": list(map(_support, grounding.support)),
        "confidence": None if confidence is None else round(confidence, 4),
    }


def left_out(left_out: records.LeftOut) -> LeftOut:
    return {
        "passages": left_out.passages,
        "turns": left_out.turns,
        "condensed": left_out.condensed,
        "files": left_out.files,
        "pages": left_out.pages,
        "attachments": list(left_out.attachments),
    }


def hit(ranked: Ranked) -> Hit:
    chunk = ranked.passage.chunk
    shown: Hit = {
        "chunk_id": chunk.id,
        "file": ranked.passage.file,
        "collection_id": ranked.passage.collection,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "page": chunk.page,
        "score": round(ranked.score, 6),
        "text": chunk.text,
    }
    if ranked.parts:
        shown["chunk_ids"] = list(ranked.parts)
    if ranked.explanation:
        shown["explain"] = _explained(ranked.explanation)
    return shown


def chunk(passage: Passage) -> Chunk:
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


def timing(laps_ms: Mapping[str, float]) -> Timing:
    """With the total, which is what a person looks for."""
    return {**laps_ms, "total": round(sum(laps_ms.values()), 3)}


def _support(support: records.Support) -> Support:
    return {
        "sentence": support.sentence,
        "sources": list(support.sources),
        "score": support.score,
        "spans": list(map(_span, support.spans)),
    }


def _span(span: records.Span) -> Span:
    return {
        "n": span.n,
        "start_byte": span.start_byte,
        "end_byte": span.end_byte,
        "start_line": span.start_line,
        "end_line": span.end_line,
        "quote": span.quote,
    }


def _explained(explanation: Explanation) -> Explained:
    shown: Explained = {
        "dense": _stage(explanation.dense),
        "bm25": _stage(explanation.bm25),
        "fused": _stage(explanation.fused),
        "weights": dict(explanation.weights),
        "matched": {word: round(share, 3) for word, share in explanation.matched.items()},
    }
    if explanation.copies:
        shown["copies"] = list(explanation.copies)
    if explanation.features:
        shown["reranked"] = _stage(explanation.reranked)
        shown["features"] = dict(explanation.features)
    if explanation.dropped:
        shown["dropped"] = explanation.dropped
    return shown


def _stage(stage: Stood) -> Stage:
    return {"rank": stage.rank, "score": stage.score}
