"""A question to be answered and the events of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trinax.index.records import Passage
from trinax.models.ports import Finish, Message, Sampling

Kind = Literal["trivial", "code", "general", "complex"]
Verdict = Literal["answered", "partial", "insufficient", "ungrounded"]


@dataclass(frozen=True, slots=True)
class Ask:
    """messages: at least one, the last from the user. model: an id or "auto".
    collections: None for all, () to answer without retrieval."""

    messages: tuple[Message, ...]
    model: str = "auto"
    collections: tuple[str, ...] | None = None
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Route:
    """Why this model answers. forced: the request named it."""

    kind: Kind
    model: str
    reasons: tuple[str, ...]
    forced: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A passage in the prompt. n: the number that [n] cites, from 1. score: in [0, 1]."""

    n: int
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Support:
    """sources: numbers whose passages carry the sentence. score: in [0, 1]."""

    sentence: str
    sources: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Grounding:
    verdict: Verdict
    support: tuple[Support, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The first event. ignored: parameters that have no effect on the chosen model."""

    route: Route
    sources: tuple[Source, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The last event. grounding is of choice 0. timing_ms: stage name → milliseconds."""

    finishes: tuple[Finish, ...]
    grounding: Grounding
    timing_ms: Mapping[str, float]


Event = Started | Delta | Done
