"""The prompt: what of a conversation and its passages finds room in the model's context."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.answering.prompting.budget import Budget
from trinax.answering.prompting.history import Conversation, Remembered
from trinax.answering.prompting.layouts import Layout
from trinax.answering.records import LeftOut, Source
from trinax.models.ports import Message

# Of the room beside system text and question, earlier turns may take so much while passages wait.
HISTORY_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Prompt:
    """sources: those whose passages stand in the messages."""

    messages: tuple[Message, ...]
    sources: tuple[Source, ...]
    left_out: LeftOut = LeftOut()


def prompt(
    laid_out: Layout, conversation: Conversation, sources: Sequence[Source], budget: Budget
) -> Prompt:
    """The messages that the model is given, and what they had no room for; may block.

    Where there is too little room, earlier turns are condensed first, then passages left out, the
    worst first, and turns, the oldest first, that would take more than half of the room.
    Raises ContextLengthExceeded if question and fewest passages are too long alone.
    """
    ways = laid_out.ways(conversation)
    fullest = next(ways)
    messages = laid_out.messages(fullest.talk, sources)
    if budget.fits(messages):
        return Prompt(messages, tuple(sources), LeftOut(0, fullest.turns, fullest.condensed))
    others = (fullest, *ways)
    way = _roomy(laid_out, others, sources, budget) or _fair(laid_out, others, sources, budget)
    fitting = _fitting(laid_out, way.talk, sources, budget)
    kept = tuple(sources[: max(fitting, laid_out.least)])
    messages = laid_out.messages(way.talk, kept)
    if not fitting:
        budget.checked(messages)
    return Prompt(messages, kept, LeftOut(len(sources) - len(kept), way.turns, way.condensed))


def _roomy(
    laid_out: Layout, ways: Sequence[Remembered], sources: Sequence[Source], budget: Budget
) -> Remembered | None:
    """The fullest way, but for the first, that shows all passages and as many turns as that."""
    for way in ways[1:]:
        if way.turns == ways[0].turns and budget.fits(laid_out.messages(way.talk, sources)):
            return way
    return None


def _fair(
    laid_out: Layout, ways: Sequence[Remembered], sources: Sequence[Source], budget: Budget
) -> Remembered:
    """The fullest way that shows all passages or leaves them their share of the room.

    Raises ContextLengthExceeded.
    """
    last = ways[-1]
    if last is ways[0] or budget.limit_tokens is None:
        return last
    best = sources[: laid_out.least]
    least = budget.checked(laid_out.messages(last.talk, best))
    share = int((budget.limit_tokens - least) * HISTORY_SHARE)
    for way in ways[:-1]:
        if budget.count(laid_out.messages(way.talk, best)) <= least + share:
            return way
        if way.turns > ways[0].turns and budget.fits(laid_out.messages(way.talk, sources)):
            return way
    return last


def _fitting(
    laid_out: Layout, talk: Conversation, sources: Sequence[Source], budget: Budget
) -> int:
    """How many sources, best first, fit. Counts O(log n) times, once if all fit."""
    fitting, excess = 0, len(sources) + 1
    attempt = len(sources)
    while excess - fitting > 1:
        if budget.fits(laid_out.messages(talk, sources[:attempt])):
            fitting = attempt
        else:
            excess = attempt
        attempt = (fitting + excess) // 2
    return fitting
