"""A question to be answered and the events of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trinax.errors import InputTooLong
from trinax.index.records import Passage
from trinax.models.ports import CallPiece, Finish, JsonFormat, Message, Piece, Sampling, Tools, Turn
from trinax.settings import Kind

Verdict = Literal["answered", "partial", "insufficient", "ungrounded"]
Purpose = Literal["answer", "report", "task"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a request. name: as it was sent, a label and no path. text, or else
    data: its bytes in base64, "data:TYPE;base64," before them or not. place: the field it came in.
    """

    name: str
    place: str
    text: str | None = None
    data: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Characters of text that a request may hold, None for any number. used: of that, by what
    stands in it beside attachments."""

    limit: int | None = None
    used: int = 0

    def check(self, attached: int) -> None:
        """attached: characters of its attachments. Raises InputTooLong."""
        if self.limit is not None and self.used + attached > self.limit:
            raise InputTooLong(self.used + attached, self.limit)


@dataclass(frozen=True, slots=True)
class Ask:
    """messages: one from the user among them; after the last of those only what came of it, calls
    and what tools gave back. model: an id or "auto".
    collections: None for all, () to answer without retrieval. web: search the web too.
    purpose: "report" for research, "task" for a tool's short utility work. aspects: parts of the
    question that are each to be answered. The rest: see Generation."""

    messages: tuple[Message, ...]
    model: str = "auto"
    collections: tuple[str, ...] | None = None
    web: bool = False
    sampling: Sampling = Sampling()
    tools: Tools = Tools()
    format: JsonFormat | None = None
    reasoning: str | None = None
    turn: Turn = Turn()
    purpose: Purpose = "answer"
    aspects: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    allowance: Allowance = Allowance()

    @property
    def retrieves(self) -> bool:
        """Whether what is found, in collections, attachments or the web, is to have the say."""
        return self.collections != () or self.web or bool(self.attachments)

    @property
    def question(self) -> str:
        """The last user message."""
        return [message.content for message in self.messages if message.role == "user"][-1]

    @property
    def for_program(self) -> bool:
        """Whether a program works with the answer: it called tools, offers some, or wants JSON."""
        called = any(message.role == "tool" or message.tool_calls for message in self.messages)
        return called or bool(self.tools.tools) or self.format is not None


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
class Span:
    """The part of a source that carries a sentence. n: of the source. start_byte, end_byte: half
    open, in the file's bytes, as in Chunk. quote: what stands there, unchanged."""

    n: int
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Support:
    """sources: numbers whose passages carry the sentence. score: in [0, 1]. spans: at most one of
    each source."""

    sentence: str
    sources: tuple[int, ...]
    score: float
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounding:
    """confidence: retrieval's that what was searched holds an answer; None if nothing was."""

    verdict: Verdict
    support: tuple[Support, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What an answer was written without. passages: found, and no room for in the prompt; turns:
    earlier messages; condensed: earlier messages that are shown in part; files: not indexed yet,
    of the collections asked, None where all of them are (0: it is not known yet how many); pages:
    of the web, that could not be read, so that only the provider's snippets of them were;
    attachments: what of them is no text, a clause for each."""

    passages: int = 0
    turns: int = 0
    condensed: int = 0
    files: int | None = None
    pages: int = 0
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The first event. ignored: parameters that have no effect on the chosen model."""

    route: Route
    sources: tuple[Source, ...]
    ignored: tuple[str, ...] = ()
    left_out: LeftOut = LeftOut()


@dataclass(frozen=True, slots=True)
class Done:
    """The last event. grounding is of choice 0. timing_ms: stage name → milliseconds."""

    grounding: Grounding
    timing_ms: Mapping[str, float]


# Between the first and the last: each choice's pieces, then its Finish.
Event = Started | Piece | CallPiece | Finish | Done
