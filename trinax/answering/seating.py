"""Which passages an answer is given where files came with the question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trinax.index.records import Passage
from trinax.retrieval.copies import Originals
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Found, Ranked

# Share of the passages that attachments get at least, beside collections that know more.
RESERVE = 0.5
# Confidence from which an attachment answers: who sends it along expects it to, so it takes less
# than a collection does.
ANSWERS = 0.2
# Of a model's context, attachments that are shown whole may take so much.
WHOLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Seats:
    """passages: at most, beside attachments that are shown whole. threshold: of confidence, below
    which what was searched knows nothing. whole_tokens: attachments up to this length are shown
    whole."""

    passages: int
    threshold: float
    whole_tokens: int

    def within(self, context_tokens: int | None) -> "Seats":
        """For a model that takes so many; None for no limit."""
        if context_tokens is None:
            return self
        room = int(context_tokens * WHOLE_SHARE)
        return replace(self, whole_tokens=min(self.whole_tokens, room))


def are_short(passages: Sequence[Passage], seats: Seats) -> bool:
    """Whether attachments are shown whole. passages: all of them."""
    return sum(each.chunk.tokens for each in passages) <= seats.whole_tokens


def together(own: Found, others: Found | None, places: int, seats: Seats) -> Found:
    """One ranking of so many places. own: of attachments. others: found elsewhere; they give
    nothing where they do not know, and own gives nothing where only they do."""
    knows = others is not None and others.confidence >= seats.threshold
    searches = [own, others] if others is not None and knows else [own]
    return merged(searches, places, seats.threshold)


def seated(
    own: Found, passages: Sequence[Passage], ranking: Sequence[Ranked], seats: Seats
) -> tuple[Ranked, ...]:
    """What of a ranking an answer is given, attachments first: all of them in order where they are
    short, else their best passages, half of all at least.

    own: found in attachments alone; its scores are weighed as merged() does. passages: of the
    attachments, in order.
    """
    mine = {each.chunk.id for each in passages}
    others = [each for each in ranking if each.passage.chunk.id not in mine]
    weighed = [replace(each, score=each.score * own.confidence) for each in own.ranked]
    if are_short(passages, seats):
        whole = _scored(passages, (*weighed, *ranking))
        return (*whole, *_new(others, whole)[: seats.passages])
    reserve = max(1, int(seats.passages * RESERVE)) if others else seats.passages
    if own.confidence < ANSWERS:
        chosen = _spread(weighed, passages, reserve)
    else:
        best = ranking[: seats.passages]
        held = [each for each in best if each.passage.chunk.id in mine]
        chosen = [*held, *_new(weighed, held)[: max(0, reserve - len(held))]]
    return (*chosen, *_new(others, chosen)[: seats.passages - len(chosen)])


def _spread(ranked: Sequence[Ranked], passages: Sequence[Passage], places: int) -> list[Ranked]:
    """For a question that no passage answers, such as one for a summary: half of the places take
    the best, the rest what stands evenly from the first to the last, all in their order."""
    best = {each.passage.chunk.id for each in ranked[: places // 2]}
    left = [each.chunk.id for each in passages if each.chunk.id not in best]
    wanted = min(places - len(best), len(left))
    step = (len(left) - 1) / max(1, wanted - 1)
    chosen = best | {left[round(number * step)] for number in range(wanted)}
    return _scored([each for each in passages if each.chunk.id in chosen], ranked)


def _scored(passages: Sequence[Passage], ranked: Sequence[Ranked]) -> list[Ranked]:
    """Chunks as they are, with their scores where they have any: in a ranking, neighbours may have
    become one passage with the id of the best of them."""
    scores = {each.passage.chunk.id: each.score for each in ranked}
    return [Ranked(each, scores.get(each.chunk.id, 0.0)) for each in passages]


def _new(ranked: Sequence[Ranked], taken: Sequence[Ranked]) -> list[Ranked]:
    """Without what is taken, and copies of it."""
    originals = Originals()
    originals.originals([each.passage for each in taken])
    known = {each.passage.chunk.id for each in taken}
    fresh = [each for each in ranked if each.passage.chunk.id not in known]
    found = originals.originals([each.passage for each in fresh])
    return [each for each, original in zip(fresh, found, strict=True) if not original]
