"""Research: its steps and its report, as one object or as a stream that ends with it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.access.policy import Caller
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
from trinax.models.ports import Finish, Piece, Turn
from trinax.web.declaring.operation import Operation
from trinax.web.middleware import CALLER
from trinax.web.wire import rendering
from trinax.web.wire.bodies import INTEGER_LIMIT, Fields, json_object
from trinax.web.wire.rendering import Json
from trinax.web.wire.sse import DONE, EventStream, collected, frame

DEFAULT_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Reports:
    research: Research
    body_limit_bytes: int

    def operations(self) -> list[Operation]:
        return [Operation("POST", "/v1/research", self.report, dict[str, Any], "research")]

    async def report(self, request: Request) -> Response:
        caller: Caller = request.scope[CALLER]
        body = await json_object(request, self.body_limit_bytes)
        asked, streamed = inquiry(body, caller.key), body.flag("stream")
        events = _named(self.research.report(asked))
        if streamed:
            return EventStream(_frames(asked, events))
        told = await collected(request, events)
        return JSONResponse(await anyio.to_thread.run_sync(_whole, asked, told))


def inquiry(body: Fields, key: str = "") -> Inquiry:
    """key: of who asks. A depth out of range is brought into it.

    Raises InvalidRequest, naming the field.
    """
    depth = body.integer("depth", -INTEGER_LIMIT)
    depth = DEFAULT_DEPTH if depth is None else depth
    collections = body.texts("collections")
    if collections == ():
        body.refuse("collections", "absent, for all, or name at least one to search")
    return Inquiry(
        query=body.text("query"),
        depth=min(max(depth, DEPTHS[0]), DEPTHS[-1]),
        model=body.text("model", AUTO),
        collections=collections,
        turn=Turn(key=key),
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
    yield frame(await anyio.to_thread.run_sync(_whole, asked, told))
    yield DONE


def _step(event: ResearchEvent) -> Json | None:
    """What a frame says of it; None for what only the whole report tells."""
    match event:
        case Planned(sub_questions, planned_by):
            return {"step": "plan", "sub_questions": sub_questions, "planned_by": planned_by}
        case Retrieved(number, question, found, new):
            return {
                "step": "retrieve", "pass": number, "question": question, "found": found, "new": new
            }  # fmt: skip
        case Writing(model, gathered):
            return {"step": "write", "model": model, "passes": len(gathered.passes)}
        case Piece(text, channel="answer") if text:
            return {"delta": text}
    return None


def _whole(asked: Inquiry, events: Sequence[ResearchEvent]) -> Json:
    (writing,) = (event for event in events if isinstance(event, Writing))
    (started,) = (event for event in events if isinstance(event, Started))
    (finish,) = (event for event in events if isinstance(event, Finish))
    done = events[-1]
    assert isinstance(done, Done)
    pieces = [event for event in events if isinstance(event, Piece)]
    gathered = writing.gathered
    return {
        "answer": "".join(piece.text for piece in pieces if piece.channel == "answer"),
        "sub_questions": gathered.sub_questions,
        "sources": [rendering.source(source, asked.query) for source in started.sources],
        "passes": len(gathered.passes),
        "model": writing.model,
        "grounding": rendering.grounding(done.grounding),
        "trinaxai": {
            "route": rendering.route(started.route),
            "depth": asked.depth,
            "planned_by": writing.planned_by,
            "finish_reason": finish.reason,
            "left_out": {**rendering.left_out(started.left_out), "candidates": gathered.left_out},
            "timing": rendering.timing(done.timing_ms),
        },
    }
