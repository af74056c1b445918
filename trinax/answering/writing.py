"""From a question and what was found for it to the answer: one stream of events."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, fields, replace
from typing import cast

import anyio.to_thread

from trinax.answering.grounding.binding import Binder, Existing, Judge
from trinax.answering.grounding.carrying import Carriers
from trinax.answering.grounding.shown import Shown
from trinax.answering.grounding.sources import sources
from trinax.answering.grounding.support import Grounder, grounding, quoted
from trinax.answering.prompting.budget import Budget
from trinax.answering.prompting.history import Conversation
from trinax.answering.prompting.layouts import layout
from trinax.answering.prompting.prompt import Prompt, prompt
from trinax.answering.records import Ask, Done, Event, Grounding, LeftOut, Route, Started, Verdict
from trinax.answering.routing.survey import surveys
from trinax.answering.seating import ANSWERS
from trinax.index.languages import language
from trinax.models.extractive.phrases import phrases
from trinax.models.ports import (
    Finish,
    Generation,
    GenerationEvent,
    Generator,
    Piece,
    Sampling,
)
from trinax.retrieval.records import Found
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings

Written = AsyncGenerator[GenerationEvent]


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be written, from what and by whom. found: None if retrieval was not asked for.
    threshold: of its confidence, below which nothing that was searched knows. unfinished, unread,
    missing: as LeftOut.files, LeftOut.pages and LeftOut.attachments."""

    ask: Ask
    talk: Conversation
    route: Route
    generator: Generator
    found: Found | None
    threshold: float
    unfinished: int | None = None
    grounder: Grounder = Grounder()
    unread: int = 0
    missing: tuple[str, ...] = ()


def planned(commission: Commission, settings: Settings, clock: Stopwatch) -> Prompt | None:
    """What the model is to see; None where nothing that was found may answer. Blocks for
    milliseconds. Raises ContextLengthExceeded."""
    ask, generator, found = commission.ask, commission.generator, commission.found
    known = _knows(commission)
    if found is not None and not known and not ask.for_program:
        return None
    wanted = ask.sampling.max_tokens
    budget = Budget(
        model=generator.info.id,
        context_tokens=generator.info.context_tokens,
        answer_tokens=settings.models.max_tokens if wanted is None else wanted,
        count=lambda messages: generator.prompt_tokens(messages, ask.tools),
    )
    passages = sources(found.ranked) if found is not None and known else ()
    plan = prompt(layout(ask, settings.instructions), commission.talk, passages, budget)
    clock.lap("prompt")
    return plan


async def written(
    commission: Commission, plan: Prompt | None, clock: Stopwatch
) -> AsyncGenerator[Event]:
    """Started, what the model writes, then Done. Closing the iterator stops the model.

    plan: of the commission, by planned(). Raises what the engines raise.
    """
    if plan is None:
        async with aclosing(_not_found(commission, clock)) as events:
            async for event in events:
                yield event
        return
    generation = _generation(commission, plan)
    ignored = commission.generator.ignored(generation)
    yield Started(commission.route, plan.sources, ignored, _left_out(commission, plan.left_out))
    # Every adapter writes an async generator; the port asks only for what is read here.
    text = cast(Written, commission.generator.generate(generation))
    async with aclosing(_told(text, commission, plan, clock)) as events:
        async for event in events:
            yield event


def _knows(commission: Commission) -> bool:
    found = commission.found
    if found is None or not found.ranked:
        return False
    if found.confidence >= commission.threshold:
        return True
    # What somebody attached is what they ask about; who only quotes has to find it there.
    quotes = commission.generator.info.kind == "extract"
    answers = not quotes or found.confidence >= ANSWERS or _surveys(commission)
    return bool(commission.ask.attachments) and answers


def _surveys(commission: Commission) -> bool:
    """Whether attachments are asked for as a whole, so that no words lead to an answer."""
    found, ask = commission.found, commission.ask
    knows = found is not None and found.confidence >= commission.threshold
    return bool(ask.attachments) and not knows and surveys(commission.talk.question)


def _left_out(commission: Commission, by_plan: LeftOut) -> LeftOut:
    return replace(
        by_plan,
        files=commission.unfinished,
        pages=commission.unread,
        attachments=commission.missing,
    )


def _generation(commission: Commission, plan: Prompt) -> Generation:
    ask, found = commission.ask, commission.found
    # Who quotes begins at the beginning where there is nothing to look for.
    surveyed = _surveys(commission)
    return Generation(
        messages=plan.messages,
        question="" if surveyed else commission.talk.question,
        passages=tuple(source.passage for source in plan.sources),
        confidence=found.confidence if found else None,
        aspects=ask.aspects,
        scores=() if surveyed else tuple(source.score for source in plan.sources),
        sampling=ask.sampling,
        tools=ask.tools,
        format=ask.format,
        reasoning=ask.reasoning,
        turn=ask.turn,
    )


async def _told(
    text: Written, commission: Commission, plan: Prompt, clock: Stopwatch
) -> AsyncGenerator[Event]:
    """What the model writes as it is shown, then Done."""
    # The first text of a quotation need not wait for what is only of use at its end.
    waits = commission.found is not None and commission.generator.info.kind != "extract"
    carriers = await anyio.to_thread.run_sync(_carriers, commission, plan) if waits else None
    # Brackets are citations where there is something to cite; a program gets what was written.
    cites = plan.sources and not commission.ask.for_program
    judge = _judge(plan, carriers) if cites else None
    choices: defaultdict[int, Shown] = defaultdict(lambda: Shown(judge))
    first = True
    async with aclosing(text) as events:
        async for event in events:
            for shown in choices[event.choice].events(event):
                if first:
                    clock.lap("first_text")
                    first = False
                yield shown
    clock.lap("generate")
    judged = await anyio.to_thread.run_sync(_judged, commission, choices[0], plan, carriers)
    clock.lap("ground")
    yield Done(judged, clock.laps_ms)


def _judge(plan: Prompt, carriers: Carriers | None) -> Judge:
    if carriers is None:
        return Existing({source.n for source in plan.sources})
    return Binder(carriers)


def _carriers(commission: Commission, plan: Prompt) -> Carriers:
    return commission.grounder.carriers(plan.sources, commission.talk.question)


def _judged(
    commission: Commission, shown: Shown, plan: Prompt, carriers: Carriers | None
) -> Grounding:
    """Prose is judged by its sentences. JSON and calls have none: their verdict only says whether
    the collections knew something."""
    ask, found = commission.ask, commission.found
    if found is None:
        return Grounding("ungrounded")
    if ask.format is not None or shown.called:
        verdict: Verdict = "answered" if plan.sources else "insufficient"
        return Grounding(verdict, confidence=found.confidence)
    if carriers is None:
        judged = quoted(shown.text, _carriers(commission, plan))
    else:
        judged = grounding(shown.text, carriers)
    return replace(judged, confidence=found.confidence)


def _unheeded(ask: Ask) -> tuple[str, ...]:
    """What was asked of a model that does not write."""
    unset = Sampling(n=ask.sampling.n)
    given = [
        field.name
        for field in fields(Sampling)
        if getattr(ask.sampling, field.name) != getattr(unset, field.name)
    ]
    return tuple(given) if ask.reasoning is None else ("reasoning_effort", *given)


async def _not_found(commission: Commission, clock: Stopwatch) -> AsyncGenerator[Event]:
    """An answer that no model needs to write."""
    unfinished = commission.unfinished
    left_out = _left_out(commission, LeftOut())
    yield Started(commission.route, (), _unheeded(commission.ask), left_out)
    said = phrases(language(commission.talk.question))
    said = said.with_web if commission.ask.web else said
    nothing = said.attached_nothing if commission.ask.attachments else said.nothing
    text = nothing if unfinished is None else f"{nothing} {said.unfinished}"
    for choice in range(commission.ask.sampling.n):
        yield Piece(text, choice)
        yield Finish("stop", 0, 0, choice)
    confidence = commission.found.confidence if commission.found else None
    yield Done(Grounding("insufficient", confidence=confidence), clock.laps_ms)
