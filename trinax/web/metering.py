"""What costs something, counted against the plan of the API key that asks for it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

import anyio.to_thread
from starlette.requests import Request

from trinax.answering.chat import Chat
from trinax.answering.completing import Begun, Completing, Draft, DraftEvent
from trinax.answering.records import Ask, Event, Started
from trinax.answering.research.records import Inquiry, ResearchEvent
from trinax.answering.research.research import Research
from trinax.models.ports import CallPiece, Piece, Turn
from trinax.settings import Plan
from trinax.web.admission import Visit, visit

Told = TypeVar("Told")


def answer(request: Request, chat: Chat, ask: Ask) -> AsyncGenerator[Event]:
    """The flow's events; before the first of them it raises QuotaExceeded and Forbidden too."""
    here = visit(request)
    if here.plan is None:
        return chat.answer(ask)
    ask = replace(ask, turn=_within_plan(here.plan, ask.turn), allowance=here.allowance)
    return _refunding(here, _charged(here, chat.answer(ask), ask.web))


def text(request: Request, completing: Completing, draft: Draft) -> AsyncGenerator[DraftEvent]:
    """As answer()."""
    here = visit(request)
    if here.plan is None:
        return completing.write(draft)
    draft = replace(draft, turn=_within_plan(here.plan, draft.turn))
    return _refunding(here, _charged(here, completing.write(draft)))


def report(request: Request, research: Research, inquiry: Inquiry) -> AsyncGenerator[ResearchEvent]:
    """As answer()."""
    here = visit(request)
    if here.plan is None:
        return research.report(inquiry)
    turn = _within_plan(here.plan, inquiry.turn)
    inquiry = replace(inquiry, turn=turn, allowance=here.allowance)
    return _refunding(here, _reported(here, research, inquiry))


def _within_plan(plan: Plan, turn: Turn) -> Turn:
    return replace(turn, paid=plan.models == "all")


async def _charged(
    here: Visit, events: AsyncGenerator[Told], web: bool = False
) -> AsyncGenerator[Told]:
    """No model has begun to write when it says which it is."""
    async with aclosing(events):
        if web:
            await here.spend("web_search")
        async for event in events:
            if isinstance(event, Started | Begun):
                model = event.model if isinstance(event, Begun) else event.route.model
                if here.costs(model):
                    await here.spend("paid")
            yield event


async def _reported(
    here: Visit, research: Research, inquiry: Inquiry
) -> AsyncGenerator[ResearchEvent]:
    # It plans with the same model, long before it tells who writes.
    if here.costs(await anyio.to_thread.run_sync(research.writer, inquiry)):
        await here.spend("paid")
    async with aclosing(research.report(inquiry)) as events:
        async for event in events:
            yield event


async def _refunding(here: Visit, events: AsyncGenerator[Told]) -> AsyncGenerator[Told]:
    """What fails before its first word costs nothing."""
    written = False
    async with aclosing(events):
        try:
            async for event in events:
                written = written or isinstance(event, Piece | CallPiece)
                yield event
        except Exception:
            if not written:
                await here.refund()
            raise
