"""Where the answers of the extractive answerer stand, and what became of those that do not."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields
from time import perf_counter
from typing import cast

from trinax.answering.writing import Written
from trinax.evaluation.answers.containment import first_quoted, holds
from trinax.evaluation.extraction.readings import Reading
from trinax.evaluation.metrics import mean
from trinax.models.extractive.excerpts import excerpts
from trinax.models.extractive.phrases import BY_LANGUAGE
from trinax.models.ports import Generation, Generator, Message, Piece

QUOTED = ("“", "```", "| ", "- ")
CLOSINGS = tuple({said.missing for said in BY_LANGUAGE.values()})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one question with an answer; what follows `whole` says why it is not in the first
    sentence, at most one of them is true.

    first: the first sentence of the first quotation holds it; quote: the first paragraph of
    quotes does; whole: some quote does. unfound: no passage has it; below: retrieval's confidence
    is; cut: no excerpt has it whole; later: another quote has it; passed_over: none has.
    warned: the answer ends with what the passages do not mention.
    """

    first: bool
    quote: bool
    whole: bool
    unfound: bool
    below: bool
    cut: bool
    later: bool
    passed_over: bool
    warned: bool
    words: float
    milliseconds: float


FIGURES = tuple(field.name for field in fields(Outcome))


async def outcome(reading: Reading, answerer: Generator, threshold: float) -> Outcome:
    """threshold: of confidence, below which an answer is not tried."""
    is_known = reading.confidence >= threshold
    text, milliseconds = await _written(reading, answerer) if is_known else ("", 0.0)
    blocks = [block for block in text.split("\n\n")[1:] if block.startswith(QUOTED)]
    answers = reading.answers
    first = holds(first_quoted(text) or "", answers)
    whole = any(holds(block, answers) for block in blocks)
    passages = [passage for passage in reading.passages if holds(passage.chunk.text, answers)]
    parts = (part for passage in passages for part in excerpts(passage, 1))
    causes = {
        "unfound": not passages,
        "below": not is_known,
        "later": whole,
        "cut": not any(holds(part.text, answers) for part in parts),
        "passed_over": True,
    }
    why = "" if first else next(cause for cause, is_so in causes.items() if is_so)
    return Outcome(
        first=first,
        quote=bool(blocks) and holds(blocks[0], answers),
        whole=whole,
        **{cause: cause == why for cause in causes},
        warned=any(closing in text for closing in CLOSINGS),
        words=float(len(text.split())),
        milliseconds=milliseconds,
    )


def means(outcomes: Sequence[Outcome]) -> list[float]:
    """In the order of FIGURES."""
    return [mean(float(getattr(one, name)) for one in outcomes) for name in FIGURES]


def refused(readings: Sequence[Reading], threshold: float) -> Iterator[bool]:
    """Of each question without an answer, whether it is told so."""
    yield from (reading.confidence < threshold for reading in readings if not reading.answers)


async def _written(reading: Reading, answerer: Generator) -> tuple[str, float]:
    generation = Generation(
        messages=(Message("user", reading.question),),
        question=reading.question,
        passages=reading.passages,
        confidence=reading.confidence,
        scores=reading.scores,
    )
    started = perf_counter()
    pieces: list[str] = []
    # Every adapter writes an async generator; the port asks only for what is read elsewhere.
    async with aclosing(cast(Written, answerer.generate(generation))) as events:
        async for event in events:
            if isinstance(event, Piece):
                pieces.append(event.text)
    return "".join(pieces), 1000 * (perf_counter() - started)
