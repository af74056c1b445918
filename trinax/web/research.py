"""Research: its steps and its report, as one object or as a stream that ends with it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.answering.records import Done, Started
from trinax.answering.research.records import (
    DEPTHS,
    Inquiry,
    Planned,
    ResearchEvent,
    Retrieved,
    Writing,
)
from trinax.answering.research.research import Research
from trinax.answering.routing.route import AUTO
from trinax.errors import ContextLengthExceeded
from trinax.models.ports import Finish, FinishReason, Piece, Turn
from trinax.web import metering
from trinax.web.declaring.attachments import AttachmentBody, attachments
from trinax.web.declaring.body import Body, Sought, Whole
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.wire import rendering
from trinax.web.wire.errors import ErrorEnvelope
from trinax.web.wire.sse import DONE, EventStream, collected, frame

DEFAULT_DEPTH = 2


class ResearchBody(Body):
    """depth: 1 is one pass with the query; 2 a pass for each of two to four sub-questions; 3 one
    more for what is still missing; others are brought into that range. collections: absent for
    all. attachments: files that the report is to be taken from too."""

    example: ClassVar[Mapping[str, Any]] = {"query": "How do search and citations work together?"}

    attaches: ClassVar[bool] = True

    query: Sought
    depth: Whole = DEFAULT_DEPTH
    collections: Annotated[list[str] | None, Field(min_length=1)] = None
    model: str = AUTO
    stream: bool = False
    attachments: list[AttachmentBody] = Field([])


class ResearchPlanned(TypedDict):
    """The sub-questions known so far. planned_by: models and "rules"."""

    step: Literal["plan"]
    sub_questions: list[str]
    planned_by: list[str]


# "pass" is no name that a class could give.
ResearchRetrieved = TypedDict(
    "ResearchRetrieved",
    {"step": Literal["retrieve"], "pass": int, "question": str, "found": int, "new": int},
)


class ResearchWriting(TypedDict):
    step: Literal["write"]
    model: str
    passes: int


class ResearchDelta(TypedDict):
    """The next part of the answer."""

    delta: str


class ResearchLeftOut(rendering.LeftOut):
    """candidates: passages found that there was no room for."""

    candidates: int


class ResearchTold(TypedDict):
    route: rendering.Route
    depth: int
    planned_by: list[str]
    finish_reason: FinishReason
    left_out: ResearchLeftOut
    timing: rendering.Timing


class ResearchReport(TypedDict):
    """passes: how many retrievals were run. sources: the first is what [1] cites."""

    answer: str
    sub_questions: list[str]
    sources: list[rendering.Source]
    passes: int
    model: str
    grounding: rendering.Grounding
    trinaxai: ResearchTold


ResearchStep = ResearchPlanned | ResearchRetrieved | ResearchWriting | ResearchDelta


@dataclass(frozen=True, slots=True)
class Reports:
    research: Research

    def operations(self) -> list[Operation]:
        raises = (
            errors.ContextLengthExceeded,
            errors.AttachmentRefused,
            errors.ModelNotFound,
            errors.CollectionNotFound,
            errors.Busy,
            errors.StoreFailed,
            errors.ModelFailed,
            errors.UpstreamFailed,
            errors.TimedOut,
        )
        item = ResearchStep | ResearchReport | ErrorEnvelope
        streams = Streams("text/event-stream", item, "[DONE]")
        path, report = "/v1/research", self.report
        return [Operation("POST", path, report, ResearchReport, "research", raises, streams)]

    async def report(self, request: Request, asked: ResearchBody) -> Response:
        """A report on a question that one search does not answer.

        Streamed, it is its steps, the parts of the answer, and the whole report at the end.
        """
        asking = caller(request)
        wanted = inquiry(asked, asking.key)
        research = self.research.within(asking.collections, asking.models)
        events = _named(metering.report(request, research, wanted))
        if asked.stream:
            return EventStream(_frames(wanted, events))
        told = await collected(request, events)
        return JSONResponse(await anyio.to_thread.run_sync(whole, wanted, told))


def inquiry(asked: ResearchBody, key: str = "") -> Inquiry:
    """key: of who asks. A depth out of range is brought into it."""
    return Inquiry(
        query=asked.query,
        depth=min(max(asked.depth, DEPTHS[0]), DEPTHS[-1]),
        model=asked.model or AUTO,
        collections=None if asked.collections is None else tuple(asked.collections),
        turn=Turn(key=key),
        attachments=attachments(asked.attachments),
    )


async def _named(events: AsyncGenerator[ResearchEvent]) -> AsyncGenerator[ResearchEvent]:
    """A failure is of the field that was sent: there are no messages here."""
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except ContextLengthExceeded as exc:
            exc.param = "query"
            raise


async def _frames(asked: Inquiry, events: AsyncGenerator[ResearchEvent]) -> AsyncGenerator[str]:
    told: list[ResearchEvent] = []
    async with aclosing(events):
        async for event in events:
            told.append(event)
            if (shown := _step(event)) is not None:
                yield frame(shown)
    yield frame(await anyio.to_thread.run_sync(whole, asked, told))
    yield DONE


def _step(event: ResearchEvent) -> ResearchStep | None:
    """What a frame says of it; None for what only the whole report tells."""
    match event:
        case Planned(sub_questions, planned_by):
            return {
                "step": "plan",
                "sub_questions": list(sub_questions),
                "planned_by": list(planned_by),
            }
        case Retrieved(number, question, found, new):
            return {
                "step": "retrieve", "pass": number, "question": question, "found": found, "new": new
            }  # fmt: skip
        case Writing(model, gathered):
            return {"step": "write", "model": model, "passes": len(gathered.passes)}
        case Piece(text, channel="answer") if text:
            return {"delta": text}
    return None


def whole(asked: Inquiry, events: Sequence[ResearchEvent]) -> ResearchReport:
    """events: all of a report that was written to its end."""
    (writing,) = (event for event in events if isinstance(event, Writing))
    (started,) = (event for event in events if isinstance(event, Started))
    (finish,) = (event for event in events if isinstance(event, Finish))
    done = events[-1]
    assert isinstance(done, Done)
    pieces = [event for event in events if isinstance(event, Piece)]
    gathered = writing.gathered
    return {
        "answer": "".join(piece.text for piece in pieces if piece.channel == "answer"),
        "sub_questions": list(gathered.sub_questions),
        "sources": [rendering.source(source, asked.query) for source in started.sources],
        "passes": len(gathered.passes),
        "model": writing.model,
        "grounding": rendering.grounding(done.grounding),
        "trinaxai": {
            "route": rendering.route(started.route),
            "depth": asked.depth,
            "planned_by": list(writing.planned_by),
            "finish_reason": finish.reason,
            "left_out": {**rendering.left_out(started.left_out), "candidates": gathered.left_out},
            "timing": rendering.timing(done.timing_ms),
        },
    }
