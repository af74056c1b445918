"""The one list of answers and failures that every client is to read in the same way.

A case is asked of the model that has its name, which plays the case's events; so that what a real
model cannot be made to say, calls or a failure after the first word, comes over the same path.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.web.asking import KEEPER
from trinax.errors import Busy, ModelFailed, TrinaxError
from trinax.models.ports import CallPiece, Finish, GenerationEvent, Piece, TokenLogprob


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is said for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Usage:
    prompt: int
    completion: int


@dataclass(frozen=True, slots=True)
class Call:
    """arguments: the object that they are once parsed."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """code, param, retry_after: of the envelope and the header; "" where there is none."""

    status: int
    code: str
    message: str
    param: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client has to make of a case. texts, finishes: one for each choice. tokens: of the
    log probabilities. files: of the sources. failure: in place of all the rest, or, where
    `texts` has something, after it."""

    texts: tuple[str, ...] = ()
    finishes: tuple[str, ...] = ()
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    usage: Usage | None = None
    tokens: tuple[tuple[str, float], ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """fields: of the body, beside model and messages. model: the case's own player where "".
    whole: what is heard without streaming where that is something else."""

    name: str
    events: tuple[GenerationEvent | Pause | TrinaxError, ...]
    heard: Heard
    fields: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    question: str = KEEPER
    key: str = "none"
    whole: Heard | None = None

    def asked(self) -> dict[str, Any]:
        """What a reader is told: all but what it has to hear."""
        return {
            "name": self.name,
            "model": self.model or self.name,
            "question": self.question,
            "key": self.key,
            "fields": {"collections": [], **self.fields},
        }


READ = {
    "type": "function",
    "function": {
        "name": "read",
        "description": "The text of a file.",
        "parameters": {
            "type": "object",
            "properties": {"file": {"type": "string"}},
            "required": ["file"],
        },
    },
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "keeper",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "years": {"type": "integer"}},
            "required": ["name", "years"],
            "additionalProperties": False,
        },
    },
}
# The real model's words.
COUNT = "one two three four five six seven eight nine ten"
# Longer than the interval of the comments that keep a stream open.
SILENCE = Pause(11.0)
KEEPER_JSON = '{"name": "Marta", "years": 31}'
UNICODE = "Grüße, 世界 👩‍🚀 e\u0301 \u2028line\u2029 𝔘 \u0085.\r\nتم"
# As they are made, checksum included, and never given out.
UNKNOWN_KEY = "trx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8JfoD0"


def said(text: str, prompt: int = 12, written: int = 3, reason: str = "stop") -> Heard:
    return Heard((text,), (reason,), usage=Usage(prompt, written))


def refused(status: int, code: str, message: str, param: str = "", retry_after: str = "") -> Heard:
    return Heard(failure=Failure(status, code, message, param, retry_after))


STOP = Finish("stop", 12, 3)
CALLS = Finish("tool_calls", 12, 3)
READ_A = Call("read", {"file": "a.md"})
READ_B = Call("read", {"file": "b (2).md"})
LATE = ModelFailed("late-failure", "ran out of memory")
EARLY = ModelFailed("early-failure", "does not load")
FULL = Busy("full", 7.0)

ANSWERS = (
    Case("plain", (Piece("Hello"), Piece(", "), Piece("world."), STOP), said("Hello, world.")),
    Case("unicode", (*map(Piece, UNICODE), STOP), said(UNICODE)),
    Case("empty", (Finish("stop", 12, 0),), said("", written=0)),
    Case(
        "blank-lines",
        (Piece("a\n\ndata: b\n"), Piece("\n: c\nevent: d\n\n"), STOP),
        said("a\n\ndata: b\n\n: c\nevent: d\n\n"),
    ),
    Case(
        "two-choices",
        (
            Piece("left", 0),
            Piece("right", 1),
            Piece("-hand", 1),
            Finish("stop", 12, 1, 0),
            Finish("length", 12, 2, 1),
        ),
        Heard(("left", "right-hand"), ("stop", "length"), usage=Usage(12, 3)),
        {"n": 2},
    ),
    Case("cut", (Piece("Hel"), Finish("length", 12, 1)), said("Hel", written=1, reason="length")),
    Case(
        "reasoning",
        (
            Piece("Let me ", channel="reasoning"),
            Piece("think.", channel="reasoning"),
            Piece("Yes."),
            Finish("stop", 12, 5, reasoning_tokens=3),
        ),
        Heard(("Yes.",), ("stop",), "Let me think.", usage=Usage(12, 5)),
    ),
    Case(
        "one-call",
        (CallPiece(0, '{"file": "a.md"}', "call_a", "read"), CALLS),
        Heard(("",), ("tool_calls",), calls=(READ_A,), usage=Usage(12, 3)),
        {"tools": [READ]},
    ),
    Case(
        "call-in-pieces",
        (
            Piece("I look."),
            CallPiece(0, "", "call_a", "read"),
            *(CallPiece(0, part) for part in ('{"fi', 'le": "', "a.", 'md"', "}")),
            CALLS,
        ),
        Heard(("I look.",), ("tool_calls",), calls=(READ_A,), usage=Usage(12, 3)),
        {"tools": [READ]},
    ),
    Case(
        "two-calls",
        (
            CallPiece(0, '{"file": ', "call_a", "read"),
            CallPiece(0, '"a.md"}'),
            CallPiece(1, '{"file": ', "call_b", "read"),
            CallPiece(1, '"b (2).md"}'),
            CALLS,
        ),
        Heard(("",), ("tool_calls",), calls=(READ_A, READ_B), usage=Usage(12, 3)),
        {"tools": [READ], "tool_choice": "required"},
    ),
    Case(
        "logprobs",
        (
            Piece(
                "He",
                logprobs=(TokenLogprob("He", b"He", -0.5, (TokenLogprob("He", b"He", -0.5),)),),
            ),
            Piece(
                "y", logprobs=(TokenLogprob("y", b"y", -1.25, (TokenLogprob("o", b"o", -0.75),)),)
            ),
            Finish("stop", 12, 2),
        ),
        Heard(("Hey",), ("stop",), usage=Usage(12, 2), tokens=(("He", -0.5), ("y", -1.25))),
        {"logprobs": True, "top_logprobs": 1},
    ),
    Case(
        "schema",
        (Piece('{"name": "Mar'), Piece('ta", "years": 31}'), STOP),
        said(KEEPER_JSON),
        {"response_format": SCHEMA},
    ),
    # Of passages that there are.
    Case(
        "cited",
        (Piece("Her name is Marta Lindqvist [1]"), Piece(". So it is [9"), Piece("]."), STOP),
        said("Her name is Marta Lindqvist [1]. So it is."),
        {"collections": ["demo"]},
    ),
    Case("silence-first", (SILENCE, Piece("At last."), STOP), said("At last.")),
    Case(
        "silence-between", (Piece("Wait"), SILENCE, Piece(" for it."), STOP), said("Wait for it.")
    ),
    # The rest of these are written by llama.cpp.
    Case("real", (), said(COUNT, 59, 10), model="tiny"),
    Case("real-cut", (), said("one two three", 59, 3, "length"), {"max_tokens": 3}, model="tiny"),
    Case("real-stop", (), said("one two three four", 59, 5), {"stop": [" five"]}, model="tiny"),
    Case(
        "real-two",
        (),
        Heard((COUNT, COUNT), ("stop", "stop"), usage=Usage(59, 20)),
        {"n": 2},
        "tiny",
    ),
)

FAILURES = (
    Case(
        "bad-parameter",
        (STOP,),
        refused(400, "invalid_request", "temperature' must be at most 2", "temperature"),
        {"temperature": 9.5},
        model="plain",
    ),
    Case(
        "unknown-key",
        (STOP,),
        refused(401, "unauthorized", "The API key is unknown here"),
        key=UNKNOWN_KEY,
        model="plain",
    ),
    Case(
        "no-such-model",
        (),
        refused(404, "model_not_found", "No model named 'no-such-model'", "model"),
    ),
    Case(
        "too-large",
        (STOP,),
        refused(413, "too_large", "1000000 bytes"),
        question="long " * 210_000,
        model="plain",
    ),
    Case("full", (FULL,), refused(429, FULL.code, str(FULL), retry_after="7")),
    Case("early-failure", (EARLY,), refused(503, EARLY.code, str(EARLY), "model")),
    Case(
        "late-failure",
        (Piece("Half an ans"), LATE),
        Heard(("Half an ans",), failure=Failure(0, LATE.code, str(LATE), "model")),
        whole=refused(503, LATE.code, str(LATE), "model"),
    ),
)
CASES = (*ANSWERS, *FAILURES)
# Where the server says what its process holds.
CENSUS = "/census"
# Models that are none of the cases'.
ENDLESS = "endless"
FLOOD = "flood"
LONG = "long"
SILENT = "silent"
TINY_ENDLESS = "tiny-endless"


def as_json(heard: Heard) -> dict[str, Any]:
    """In the form that readers print; tuples are lists there."""
    return asdict(heard)
