"""A research question, what is searched for it, and what comes to light on the way."""

from dataclasses import dataclass

from trinax.answering.records import Allowance, Attachment, Event
from trinax.models.ports import Turn
from trinax.retrieval.records import Found, Ranked

DEPTHS = (1, 2, 3)
SUB_QUESTIONS_LIMIT = 4


@dataclass(frozen=True, slots=True)
class Inquiry:
    """depth: 1 is one pass with the query; 2 a pass for each of two to four sub-questions; 3 one
    more for what is still missing. model: an id or "auto". collections: None for all."""

    query: str
    depth: int = 2
    model: str = "auto"
    collections: tuple[str, ...] | None = None
    turn: Turn = Turn()
    attachments: tuple[Attachment, ...] = ()
    allowance: Allowance = Allowance()


@dataclass(frozen=True, slots=True)
class Pass:
    """One retrieval. question: what was searched for."""

    question: str
    found: Found


@dataclass(frozen=True, slots=True)
class Planned:
    """The sub-questions known so far; more may follow from what a pass brings up. planned_by: who
    has planned so far, the ids of models and "rules"."""

    sub_questions: tuple[str, ...]
    planned_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A pass was run. number: from 1. new: passages that no earlier pass had found."""

    number: int
    question: str
    found: int
    new: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all passes brought up together. ranked: each passage once, best first. confidence: the
    best of those planned before anything was read. left_out: passages found that `ranked` has no
    room for."""

    sub_questions: tuple[str, ...]
    passes: tuple[Pass, ...]
    ranked: tuple[Ranked, ...]
    confidence: float
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Writing:
    """The report is begun. model: who writes it. planned_by: as in Planned."""

    model: str
    gathered: Gathered
    planned_by: tuple[str, ...] = ()


# Planned and Retrieved as they happen, Writing once, then the events of the answer.
ResearchEvent = Planned | Retrieved | Writing | Event
