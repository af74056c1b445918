"""A question put to the collections and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trinax.index.records import Filter, Passage

Mode = Literal["hybrid", "dense", "bm25"]


@dataclass(frozen=True, slots=True)
class Query:
    """collections: ids to search, None for all. history: earlier user turns, oldest first. merge:
    whether neighbours on the page become one passage; per_file: passages of one file at most, 0
    for no limit; None for both as is set."""

    text: str
    collections: tuple[str, ...] | None = None
    history: tuple[str, ...] = ()
    mode: Mode = "hybrid"
    limit: int = 10
    offset: int = 0
    filter: Filter | None = None
    explain: bool = False
    merge: bool | None = None
    per_file: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a candidate stood in one stage. rank: from 1, None if it was not in the list."""

    rank: int | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """dense, bm25: raw rank and score. weights: what fusion multiplied each side by.
    matched: words of the question found in the passage → what each adds to its BM25 score, the
    weightiest first. dropped: why a candidate fell out, else "". copies: where passages stand that
    say nothing beside this one.
    reranked: rank and score in the second stage. features: what it added to the fused score, by
    name; empty where it did not look."""

    dense: Stage
    bm25: Stage
    fused: Stage
    weights: Mapping[str, float]
    matched: Mapping[str, float]
    dropped: str = ""
    copies: tuple[str, ...] = ()
    reranked: Stage = Stage(None, None)
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """score: in [0, 1], comparable within one Found only. parts: ids of the chunks that were made
    one passage, in the file's order; empty for one that is a chunk."""

    passage: Passage
    score: float
    explanation: Explanation | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """ranked: best first. confidence: estimated probability that the collections hold an answer,
    in [0, 1]. dropped: candidates that fell out, only when explain was asked for.
    timing_ms: stage name → milliseconds."""

    ranked: tuple[Ranked, ...]
    confidence: float
    dropped: tuple[Ranked, ...] = ()
    timing_ms: Mapping[str, float] = field(default_factory=dict)
