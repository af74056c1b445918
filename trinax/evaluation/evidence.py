"""Questions with the very characters that answer them, and how many of those were found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation.datasets import rows
from trinax.evaluation.splitters import Stretch

QUESTIONS = "questions.jsonl"
CORPORA = "corpora"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of evidence. start, end: in its file, half open, in characters. copies: where the
    same characters start in that file, itself included."""

    start: int
    end: int
    copies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """corpus: file that holds the answer. spans: the evidence in it."""

    text: str
    corpus: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a file, half open, in characters."""

    corpus: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares of characters. recall: of the evidence that was found, in whichever copy. precision:
    of what was found that is evidence; a second copy is none. iou: of both together that is both.
    """

    recall: float
    precision: float
    iou: float


def load(folder: Path) -> tuple[dict[str, str], list[Question]]:
    """The texts of a folder by file name, and its questions.

    corpora/: one file a text; questions.jsonl: {"text", "corpus", "spans": [{"start", "end"}]} a
    line, corpus being a file's name without its suffix.
    Raises InvalidRequest naming file and line.
    """
    files = sorted((folder / CORPORA).glob("*"))
    if not files:
        raise InvalidRequest(f"{folder.name} has no texts in {CORPORA}/.")
    # Not read_text(): its line ends are the file's own.
    texts = {file.name: file.read_bytes().decode("utf-8") for file in files}
    named = {file.stem: file.name for file in files}
    questions = []
    for where, row in rows(folder / QUESTIONS):
        try:
            file = named[row["corpus"]]
            spans = tuple(
                _span(texts[file], int(span["start"]), int(span["end"])) for span in row["spans"]
            )
            questions.append(Question(str(row["text"]), file, spans))
        except (KeyError, TypeError, ValueError) as exc:
            raise InvalidRequest(
                f"{where}: text, corpus (a file of {CORPORA}/) and spans with start and end are "
                "expected."
            ) from exc
    return texts, questions


def overlap(question: Question, found: Iterable[Found]) -> Overlap:
    """What was found against the question's evidence."""
    stretches = list(found)
    here = _union([(one.start, one.end) for one in stretches if one.corpus == question.corpus])
    wanted = _length(_union([(span.start, span.end) for span in question.spans]))
    covered = _length(_union([part for span in question.spans for part in _covered(span, here)]))
    taken = sum(
        _length(_union([(one.start, one.end) for one in stretches if one.corpus == corpus]))
        for corpus in {one.corpus for one in stretches}
    )
    return Overlap(
        recall=covered / wanted if wanted else 0.0,
        precision=covered / taken if taken else 0.0,
        iou=covered / (taken + wanted - covered) if taken + wanted else 0.0,
    )


def _span(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    if not words:
        raise ValueError("an empty span")
    copies = []
    at = text.find(words)
    while at >= 0:
        copies.append(at)
        at = text.find(words, at + len(words))
    return Span(start, end, tuple(copies))


def _covered(span: Span, found: Sequence[Stretch]) -> Iterator[Stretch]:
    """The parts of a span of which some copy was found, where they stand in the span itself."""
    for copy in span.copies:
        for start, end in _common([(copy, copy + span.end - span.start)], found):
            yield start - copy + span.start, end - copy + span.start


def _union(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same characters in stretches apart from each other, in order."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _common(some: Sequence[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    for start, end in some:
        for other_start, other_end in others:
            if max(start, other_start) < min(end, other_end):
                yield max(start, other_start), min(end, other_end)


def _length(stretches: Iterable[Stretch]) -> int:
    return sum(end - start for start, end in stretches)
