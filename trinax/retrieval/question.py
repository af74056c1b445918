"""What a question asks for: a vector, terms, and the words they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.ports import Embedder
from trinax.index import analysis
from trinax.index.records import Terms
from trinax.retrieval.negation import negates


@dataclass(frozen=True, slots=True)
class Question:
    """vector: (width,) float32 of L2 norm 1, None if no token is known.
    terms: of all turns, None if empty. words: term ids of each word → its weight.
    embedder: id of the model that the vector is from, "" if there is none. negates: whether the
    newest turn denies something."""

    vector: NDArray[np.float32] | None
    terms: Terms | None
    words: Mapping[frozenset[int], float]
    embedder: str
    negates: bool = False


def question(turns: Sequence[tuple[str, float]], embedder: Embedder | None) -> Question:
    """Several turns, each with its weight, blended into one question. turns: newest first.
    embedder: None for a question without a vector."""
    counts: dict[int, float] = {}
    words: dict[frozenset[int], float] = {}
    for text, weight in turns:
        for _, ids in analysis.query_words(text):
            for id in ids:
                counts[id] = counts.get(id, 0.0) + weight
            if ids:
                words.setdefault(frozenset(ids), weight)
    order = sorted(counts)
    blend = Terms(tuple(order), tuple(counts[id] for id in order)) if order else None
    newest = turns[0][0]
    denies = negates(newest, analysis.language(newest)) is True
    if embedder is None:
        return Question(None, blend, words, "", denies)
    return Question(blended(turns, embedder), blend, words, embedder.id, denies)


def blended(turns: Sequence[tuple[str, float]], embedder: Embedder) -> NDArray[np.float32] | None:
    """The vector of a question, as Question.vector."""
    rows = embedder.queries([text for text, _ in turns])
    blend = np.asarray([weight for _, weight in turns], dtype=np.float32) @ rows
    norm = float(np.linalg.norm(blend))
    return blend / norm if norm else None
