"""python -m trinax.evaluation.agreement DIR…: whether trinax's BM25 is rank-bm25's.

Both rank the same documents by the same words, so that what is left are their formulas. These
differ in two ways (docs/decisions/0002-bm25.md): idf, and what a length is measured against. They
are made equal one after the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from trinax.documents.records import Chunk
from trinax.evaluation import arguments, builtin
from trinax.evaluation.datasets import Dataset, some
from trinax.evaluation.okapi import Okapi
from trinax.evaluation.report import table
from trinax.index.analysis import AVERAGE_TERMS, document_terms, occurrences, query_terms
from trinax.index.ports import Store
from trinax.index.records import Entry, Files, Passage, Terms

# rank-bm25 looks at every document for every word.
QUESTIONS = 100
DEPTH = 100
BEST = 10
# Scores that differ by less are one: the engine counts in single precision.
SAME = 1e-4
# Points that are written at a time.
BATCH = 1000

AS_IT_IS, IDF, LENGTH = "as it is", "with Lucene's idf", "and trinax's average length"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Means over questions. tau: Kendall's tau-b of the first DEPTH of trinax. top: the share of
    its first BEST that belong there by the reference's scores. difference: the largest between two
    scores of a document."""

    way: str
    tau: float
    top: float
    difference: float


def agreements(texts: Sequence[str], questions: Sequence[str]) -> list[Agreement]:
    """Of rank-bm25 as it is, and then made more and more like trinax.

    A text without a word is left out: the engine does not count it among those there are.
    """
    texts = [*filter(occurrences, texts)]
    asked = [terms for terms in map(query_terms, questions) if terms.ids]
    with TemporaryDirectory(prefix="trinax-agreement-") as folder:
        store = builtin.parts().open_store("texts", Path(folder))
        for files in _batches(texts):
            store.replace(files)
        ours = [_scores(store, terms) for terms in asked]
    okapi = Okapi([occurrences(text) for text in texts])
    found = [_agreement(AS_IT_IS, okapi, asked, ours)]
    okapi.weigh_as_lucene()
    found.append(_agreement(IDF, okapi, asked, ours))
    okapi.measure_against(AVERAGE_TERMS)
    return [*found, _agreement(LENGTH, okapi, asked, ours)]


def tau(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Kendall's tau-b of two lists of scores of the same things; 1 where there is nothing to
    order.

    Source: Kendall, The treatment of ties in ranking problems, Biometrika 1945.
    """
    pairs = np.triu_indices(len(one), 1)
    left, right = (_signs(scores)[pairs] for scores in (one, other))
    ordered = np.sqrt(np.count_nonzero(left) * np.count_nonzero(right))
    if not ordered:
        return 1.0 if np.array_equal(left, right) else 0.0
    return float((left * right).sum() / ordered)


def main() -> None:
    rows = []
    for dataset in arguments.named("trinax.evaluation.agreement"):
        texts, questions = _texts(dataset), _questions(dataset)
        for one in agreements(texts, questions):
            name = [dataset.name, f"{len(texts)}", f"{len(questions)}"]
            score = [f"{one.tau:.4f}", f"{one.top:.4f}", f"{one.difference:.1e}"]
            rows.append([*(name if one.way == AS_IT_IS else [""] * 3), one.way, *score])
    head = ["dataset", "documents", "questions", "rank-bm25", "tau", f"top {BEST}"]
    print(table([*head, "largest difference"], rows))


def _texts(dataset: Dataset) -> list[str]:
    return [f"{document.title}\n{document.text}" for document in dataset.corpus]


def _questions(dataset: Dataset) -> list[str]:
    return [dataset.queries[id] for id in some(dataset.judged(), QUESTIONS)]


def _batches(texts: Sequence[str]) -> Iterator[Files]:
    """A file for each text, without a vector."""
    nowhere = np.zeros(builtin.parts().embedder.width, np.float32)
    for start in range(0, len(texts), BATCH):
        files = {}
        for at, text in enumerate(texts[start : start + BATCH], start):
            chunk = Chunk(str(UUID(int=at)), text, "", 0, len(text.encode()), 1, 1, None, 1)
            passage = Passage("texts", f"{at}", 0, chunk, "text", "", len(text), 0.0)
            files[passage.file] = (Entry(passage, nowhere, document_terms(text)),)
        yield files


def _scores(store: Store, terms: Terms) -> dict[int, float]:
    """By position, best first."""
    hits = store.candidates(None, terms, DEPTH).bm25
    return {UUID(hit.chunk_id).int: hit.score for hit in hits}


def _agreement(
    way: str, okapi: Okapi, asked: Sequence[Terms], ours: Sequence[Mapping[int, float]]
) -> Agreement:
    taus, tops, differences = [], [], []
    for terms, found in zip(asked, ours, strict=True):
        theirs = okapi.scores(_words(terms))
        here = np.array([*found.values()])
        there = theirs[[*found]]
        taus.append(tau(here, there))
        # Which of two equal ones comes last among the best is chance.
        least = np.sort(theirs)[-BEST:][0] - SAME
        tops.append(float(np.mean(there[:BEST] >= least)) if found else float(not theirs.any()))
        differences.append(float(np.abs(here - there).max(initial=0.0)))
    return Agreement(way, float(np.mean(taus)), float(np.mean(tops)), max(differences))


def _words(terms: Terms) -> Iterator[int]:
    for id, times in zip(terms.ids, terms.weights, strict=True):
        yield from [id] * round(times)


def _signs(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """1, 0 or -1 for each pair: whether the first scores more."""
    differences = scores[:, np.newaxis] - scores
    return np.where(np.abs(differences) < SAME, 0, np.sign(differences)).astype(np.int64)


if __name__ == "__main__":
    main()
