"""A question of a data set and the answer that a server gave to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["answerable", "unanswerable", "foreign"]


@dataclass(frozen=True, slots=True)
class Question:
    """kind: "unanswerable" is about the collection and has no answer there, "foreign" is another
    collection's. gold: the files that answer it. answers: strings of which each is an answer."""

    text: str
    kind: Kind
    gold: frozenset[str] = frozenset()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A data set as a folder of files. id: the collection's. dataset: its name."""

    id: str
    dataset: str
    folder: Path
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said to one question. sources, grounding: as API.md has them."""

    text: str
    sources: Sequence[Mapping[str, Any]]
    grounding: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """whole, streamed: the two ways of asking the same. taken_s: of the whole one."""

    question: Question
    whole: Reply
    streamed: Reply
    taken_s: float

    @property
    def abstained(self) -> bool:
        return bool(self.whole.grounding["verdict"] == "insufficient")
