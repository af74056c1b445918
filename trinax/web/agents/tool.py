"""What a tool is, and what a call of one tells."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trinax.access.policy import Caller, Scope
from trinax.web.declaring.body import Body

# A model that is handed more reads it badly, and clients cut it off without a word.
ANSWER_CHARACTERS = 40_000


@dataclass(frozen=True, slots=True)
class Step:
    """Something is done, for whoever waits."""

    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a call. text: for a model to read. structured: the same, of the tool's `gives`."""

    text: str
    structured: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """description: for the model that chooses among tools. gives: a TypedDict. call: steps, then
    one answer; raises TrinaxError."""

    name: str
    title: str
    description: str
    takes: type[Body]
    gives: Any
    scope: Scope
    call: Callable[[Caller, Any], AsyncGenerator[Step | Answer]]


def lines_of(start: int, end: int) -> str:
    """guide.md:5-7, after the file's name."""
    return f":{start}" if start == end else f":{start}-{end}"
