"""How far an answer is carried by its sources, sentence by sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trinax.answering.grounding.binding import Binder
from trinax.answering.grounding.carrying import Carriers
from trinax.answering.grounding.filtering import sentences
from trinax.answering.grounding.sentences import Cited
from trinax.answering.grounding.spans import spans
from trinax.answering.records import Grounding, Source, Support, Verdict
from trinax.embedding.ports import Embedder

# Share of the answer's content words that stand in carried sentences.
ANSWERED_SHARE = 0.75
PARTIAL_SHARE = 0.25

# What only introduces the next sentence states nothing.
LEAD_IN = (":", "：")


@dataclass(frozen=True, slots=True)
class Grounder:
    """What answers are compared with their sources by. embedder: a fast one, for each sentence is
    embedded while it is written; without one only words are compared."""

    embedder: Embedder | None = None

    def carriers(self, sources: Sequence[Source], question: str = "") -> Carriers:
        """Blocks for milliseconds."""
        return Carriers(sources, self.embedder, question)


def grounding(answer: str, carriers: Carriers) -> Grounding:
    """Support and verdict of an answer that was written from these sources.

    A sentence's score is how far the passages that it cites carry it; one without a citation gets
    the passage that carries it best, if one does. Lead-ins ("So:") and headings are left out.
    """
    return _grounding(sentences(answer), carriers)


def quoted(answer: str, carriers: Carriers) -> Grounding:
    """As grounding(), of an answer that quotes: what it says around its quotations is no claim."""
    return _grounding([one for one in sentences(answer) if one.numbers], carriers)


def _grounding(said: Iterable[Cited], carriers: Carriers) -> Grounding:
    support: list[Support] = []
    carried = words = 0
    for sentence in said:
        states = carriers.states(sentence.plain)
        if not states or sentence.kind == "heading" or sentence.plain.endswith(LEAD_IN):
            continue
        one = _support(sentence, carriers)
        support.append(one)
        words += states
        floor = carriers.floor(sentence.plain, one.sources)
        carried += states if one.score >= floor else 0
    return Grounding(_verdict(carried / words if words else 0.0), tuple(support))


def _support(sentence: Cited, carriers: Carriers) -> Support:
    numbers = tuple(n for n in sentence.numbers if n in carriers.numbers)
    if not numbers:
        best = Binder(carriers).added(sentence.plain)
        numbers = () if best is None else (best,)
    score = carriers.together(sentence.plain, numbers)
    return Support(
        sentence.text, numbers, round(score, 3), spans(sentence.plain, numbers, carriers)
    )


def _verdict(share: float) -> Verdict:
    if share >= ANSWERED_SHARE:
        return "answered"
    return "partial" if share >= PARTIAL_SHARE else "insufficient"
