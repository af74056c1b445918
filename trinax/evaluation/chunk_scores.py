"""Ways to cut texts into chunks, measured by the evidence that searching them finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from trinax.documents import chunking, reading, tokens
from trinax.documents.positions import byte_offsets
from trinax.documents.records import Chunk, Document
from trinax.evaluation import evidence, metrics, splitters
from trinax.evaluation.evidence import Found, Overlap, Question, overlap
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, files, opened, retriever
from trinax.evaluation.splitters import Stretch
from trinax.retrieval.neighbours import joined
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

BUDGETS_TOKENS = (500, 1000, 2000)
FIRST = 5  # chunks, for figures that do not look at their length
DEPTH = 100  # passages asked for; they fill the largest budget
SIZES_TOKENS = (200, 400, 800)
COLLECTION = "texts"
ALL = "all"

Cut = Callable[[Document], list[Chunk]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the questions of one text, or of all, for one way to cut.

    chunks, mean_tokens: of all texts. budgets: tokens → of as many, the last chunk cut short.
    first: of the best FIRST chunks.
    """

    corpus: str
    cut: str
    questions: int
    chunks: int
    mean_tokens: float
    budgets: Mapping[int, Overlap]
    first: Overlap


@dataclass(frozen=True, slots=True)
class _Answer:
    corpus: str
    budgets: Mapping[int, Overlap]
    first: Overlap


def cuts(limits: chunking.Limits) -> dict[str, Cut]:
    """Ours first, then those it is compared with, by the names of the table."""
    found: dict[str, Cut] = {"trinax": lambda made: chunking.chunks(made, COLLECTION, limits)}
    for size in SIZES_TOKENS:
        found[f"fixed {size}"] = _splitting(splitters.fixed, size)
    for size in SIZES_TOKENS:
        found[f"recursive {size}"] = _splitting(splitters.recursive, size)
    return found


def measured(folder: Path, parts: Parts, ways: Mapping[str, Cut]) -> list[Scores]:
    """Scores by way to cut, all texts first, in one hybrid search of all texts together.

    Raises InvalidRequest for a folder that holds no such questions.
    """
    texts, questions = evidence.load(folder)
    documents = [reading.document(text.encode(), file) for file, text in texts.items()]
    return [
        row for name, cut in ways.items() for row in _scores(name, cut, documents, questions, parts)
    ]


def shown(rows: Sequence[Scores]) -> str:
    """A table for all texts, and one with the recall of each text."""
    figures = [f"@{budget}" for budget in BUDGETS_TOKENS] + [f"first {FIRST}"]
    head = [f"{name} {of}" for of in figures for name in ("recall", "precision", "IoU")]
    overall = [_overall(row) for row in rows if row.corpus == ALL]
    corpora = list(dict.fromkeys(row.corpus for row in rows if row.corpus != ALL))
    names = list(dict.fromkeys(row.cut for row in rows))
    recalls = {(row.corpus, row.cut): _recalls(row) for row in rows}
    each = [
        [name, *(recall for corpus in corpora for recall in recalls[corpus, name])]
        for name in names
    ]
    columns = [f"{Path(corpus).stem} @{budget}" for corpus in corpora for budget in BUDGETS_TOKENS]
    return "\n\n".join(
        [table(["cut", "chunks", "tokens", *head], overall), table(["recall", *columns], each)]
    )


def _overall(row: Scores) -> list[str]:
    figures = [*(row.budgets[budget] for budget in BUDGETS_TOKENS), row.first]
    shares = [(f"{one.recall:.3f}", f"{one.precision:.4f}", f"{one.iou:.4f}") for one in figures]
    return [row.cut, str(row.chunks), f"{row.mean_tokens:.0f}", *chain.from_iterable(shares)]


def _recalls(row: Scores) -> list[str]:
    return [f"{row.budgets[budget].recall:.3f}" for budget in BUDGETS_TOKENS]


def _splitting(split: Callable[[str, int], list[Stretch]], size_tokens: int) -> Cut:
    def cut(document: Document) -> list[Chunk]:
        return _chunks(document, split(document.text, size_tokens))

    return cut


def _chunks(document: Document, stretches: Iterable[Stretch]) -> list[Chunk]:
    """Chunks of a document in UTF-8, blanks around them left out; their context is its title."""
    text = document.text
    trimmed = []
    for start, end in stretches:
        body = text[start:end]
        if body.strip():
            first = start + len(body) - len(body.lstrip())
            trimmed.append((first, first + len(body.strip())))
    bodies = [text[start:end] for start, end in trimmed]
    offsets = byte_offsets(text, "utf-8", [at for stretch in trimmed for at in stretch])
    return [
        Chunk(
            id=id,
            text=body,
            context=document.title,
            start_byte=offsets[start],
            end_byte=offsets[end],
            start_line=1,
            end_line=1,
            page=None,
            tokens=tokens.count(body),
        )
        for id, body, (start, end) in zip(
            chunking.ids(COLLECTION, document.file, bodies), bodies, trimmed, strict=True
        )
    ]


def _scores(
    name: str,
    cut: Cut,
    documents: Sequence[Document],
    questions: Sequence[Question],
    parts: Parts,
) -> Iterator[Scores]:
    chunked = [(document, cut(document)) for document in documents]
    chunks = [chunk for _, made in chunked for chunk in made]
    places = {id: place for document, made in chunked for id, place in _places(document, made)}
    with opened(parts) as registry:
        store = registry.ensure(COLLECTION)
        store.replace(files(chunked, COLLECTION, parts))
        searcher = retriever(registry, parts)
        # Put together are those that an answer is given.
        merged = parts.settings.passages if parts.settings.merge else 0
        answers = [_answer(question, searcher, places, merged) for question in questions]
    for corpus in (ALL, *(document.file for document in documents)):
        of = [answer for answer in answers if corpus in (ALL, answer.corpus)]
        yield Scores(
            corpus=corpus,
            cut=name,
            questions=len(of),
            chunks=len(chunks),
            mean_tokens=metrics.mean(chunk.tokens for chunk in chunks),
            budgets={
                budget: _mean([answer.budgets[budget] for answer in of])
                for budget in BUDGETS_TOKENS
            },
            first=_mean([answer.first for answer in of]),
        )


def _places(document: Document, chunks: Sequence[Chunk]) -> Iterator[tuple[str, Found]]:
    encoded = np.frombuffer(document.text.encode(), np.uint8)
    before = np.concatenate(([0], np.cumsum((encoded & 0xC0) != 0x80)))
    for chunk in chunks:
        start, end = int(before[chunk.start_byte]), int(before[chunk.end_byte])
        yield chunk.id, Found(document.file, start, end)


def _answer(
    question: Question, searcher: Retriever, places: Mapping[str, Found], merged: int
) -> _Answer:
    """merged: among how many of the first passages neighbours are put together."""
    single = searcher.found(Query(question.text, limit=DEPTH, merge=False)).ranked
    ranked = (*joined(single[:merged]), *single[merged:])
    chunks = [each.passage.chunk for each in ranked]
    parts = [each.parts or (each.passage.chunk.id,) for each in ranked]
    found = [replace(places[ids[0]], end=places[ids[-1]].end) for ids in parts]
    budgets = {
        budget: overlap(question, within(budget, chunks, found)) for budget in BUDGETS_TOKENS
    }
    return _Answer(question.corpus, budgets, overlap(question, found[:FIRST]))


def within(budget_tokens: int, chunks: Sequence[Chunk], found: Sequence[Found]) -> Iterator[Found]:
    """The first of them that hold so many tokens together; the last one is cut after a word."""
    left = budget_tokens
    for chunk, place in zip(chunks, found, strict=True):
        if chunk.tokens > left:
            yield replace(place, end=place.start + _prefix(chunk.text, left))
            return
        yield place
        left -= chunk.tokens


def _prefix(text: str, limit_tokens: int) -> int:
    """Length of the most words that are within the limit."""
    _, end = splitters.fixed(text, limit_tokens)[0]
    return end if tokens.count(text[:end]) <= limit_tokens else 0


def _mean(figures: Sequence[Overlap]) -> Overlap:
    return Overlap(
        metrics.mean(one.recall for one in figures),
        metrics.mean(one.precision for one in figures),
        metrics.mean(one.iou for one in figures),
    )
