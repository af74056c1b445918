"""What the answers of one model to one collection come to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trinax.evaluation.answers.containment import first_quoted, holds
from trinax.evaluation.answers.invariants import cited, faults, spans
from trinax.evaluation.answers.records import Answer, Collection, Question
from trinax.evaluation.metrics import auroc

NOTHING = float("nan")
FAULTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written: of the answerable questions, abstentions counting as nothing cited and
    nothing said.

    in_sources: share of the gold files among the sources; citation_recall: among the cited ones.
    citation_precision: share of an answer's citations that are of a gold file or of a passage
    that holds the answer. in_answer, in_first_quote: how often the answer string is there, of the
    questions whose answer is a string of a gold file (the others are yes, no, or an essay).
    wrong: how often neither the text nor what it cites holds the answer, and it says "answered".
    uncarried: share of the sentences that no source carries. nan where there is nothing to count.
    """

    in_sources: float
    citation_precision: float
    citation_recall: float
    in_answer: float
    in_first_quote: float
    wrong: float
    uncarried: float


@dataclass(frozen=True, slots=True)
class Judging:
    """What the verdict says. auroc: of the confidence, answerable questions against the others.
    missed: answerable questions that are called insufficient. foreign, unanswerable: those that
    are not."""

    missed: float
    auroc_foreign: float
    foreign: float
    auroc_unanswerable: float
    unanswerable: float


@dataclass(frozen=True, slots=True)
class Scores:
    """citations, spans: how many were checked; faults: how many answers failed in what way, and
    first_faults the first of them in words. p50_ms, p99_ms: of a whole answer."""

    dataset: str
    model: str
    questions: int
    writing: Writing
    judging: Judging
    citations: int
    spans: int
    faults: dict[str, int]
    first_faults: tuple[str, ...]
    p50_ms: float
    p99_ms: float


def scored(collection: Collection, model: str, answers: Sequence[Answer]) -> Scores:
    """The scores of a model's answers to a collection's questions."""
    found = [faults(answer, collection.folder) for answer in answers]
    kinds = Counter(kind for each in found for kind in {fault.split(":")[0] for fault in each})
    taken_ms = [1000 * answer.taken_s for answer in answers] or [NOTHING]
    return Scores(
        dataset=collection.dataset,
        model=model,
        questions=len(answers),
        writing=_writing(_of(answers, "answerable"), collection.folder),
        judging=_judging(answers),
        citations=sum(len(cited(answer.whole.text)) for answer in answers),
        spans=sum(1 for answer in answers for _ in spans(answer.whole)),
        faults=dict(kinds),
        first_faults=tuple(fault for each in found for fault in each)[:FAULTS_SHOWN],
        p50_ms=float(np.percentile(taken_ms, 50)),
        p99_ms=float(np.percentile(taken_ms, 99)),
    )


def _writing(answers: Sequence[Answer], folder: Path) -> Writing:
    given = [answer for answer in answers if not answer.abstained]
    known = [answer for answer in answers if _is_string(answer.question, folder)]
    first = [first_quoted(answer.whole.text) or "" for answer in known]
    quotes = list(zip(known, first, strict=True)) if any(first) else []
    return Writing(
        in_sources=_mean(_recall(answer, _all(answer)) for answer in answers),
        citation_precision=_mean(
            _precision(answer, folder) for answer in given if cited(answer.whole.text)
        ),
        citation_recall=_mean(_recall(answer, _cited(answer)) for answer in answers),
        in_answer=_mean(_says(answer, answer.whole.text) for answer in known),
        in_first_quote=_mean(_says(answer, quote) for answer, quote in quotes),
        wrong=_mean(_is_wrong(answer, folder) for answer in answers),
        uncarried=_mean(
            not support["sources"]
            for answer in given
            for support in answer.whole.grounding["support"]
        ),
    )


def _judging(answers: Sequence[Answer]) -> Judging:
    own, foreign, lost = (_of(answers, kind) for kind in ("answerable", "foreign", "unanswerable"))
    return Judging(
        missed=_mean(answer.abstained for answer in own),
        auroc_foreign=auroc(_confidences(own), _confidences(foreign)),
        foreign=_mean(not answer.abstained for answer in foreign),
        auroc_unanswerable=auroc(_confidences(own), _confidences(lost)),
        unanswerable=_mean(not answer.abstained for answer in lost),
    )


def _of(answers: Sequence[Answer], kind: str) -> list[Answer]:
    return [answer for answer in answers if answer.question.kind == kind]


def _confidences(answers: Sequence[Answer]) -> list[float]:
    return [float(answer.whole.grounding["confidence"]) for answer in answers]


def _all(answer: Answer) -> list[int]:
    return [source["n"] for source in answer.whole.sources]


def _cited(answer: Answer) -> list[int]:
    return [] if answer.abstained else cited(answer.whole.text)


def _recall(answer: Answer, numbers: Sequence[int]) -> float:
    """Share of the gold files among the sources of these numbers."""
    gold = answer.question.gold
    files = {source["file"] for source in answer.whole.sources if source["n"] in numbers}
    return len(gold & files) / len(gold)


def _precision(answer: Answer, folder: Path) -> float:
    numbers = cited(answer.whole.text)
    return len(_right(answer, folder)) / len(numbers)


def _right(answer: Answer, folder: Path) -> list[int]:
    """The cited numbers whose passages are gold or hold the answer."""
    asked = answer.question
    return [
        source["n"]
        for source in answer.whole.sources
        if source["n"] in cited(answer.whole.text)
        and (source["file"] in asked.gold or holds(_passage(source, folder), asked.answers))
    ]


def _passage(source: Mapping[str, Any], folder: Path) -> str:
    file, start, end = str(source["file"]), int(source["start_byte"]), int(source["end_byte"])
    return (folder / file).read_bytes()[start:end].decode("utf-8", "replace")


def _is_string(question: Question, folder: Path) -> bool:
    texts = ((folder / file).read_text("utf-8") for file in question.gold)
    return any(holds(text, question.answers) for text in texts)


def _says(answer: Answer, text: str) -> bool:
    return not answer.abstained and holds(text, answer.question.answers)


def _is_wrong(answer: Answer, folder: Path) -> bool:
    if answer.whole.grounding["verdict"] != "answered":
        return False
    return not _says(answer, answer.whole.text) and not _right(answer, folder)


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else NOTHING
