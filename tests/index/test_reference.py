"""BM25 of the store beside rank-bm25."""

import math
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from trinax.documents.records import Chunk
from trinax.index.analysis import (
    AVERAGE_TERMS,
    K1,
    B,
    document_terms,
    occurrences,
    query_terms,
)
from trinax.index.edge import EdgeStore
from trinax.index.records import Entry, Passage

WIDTH = 4
WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aiou" for c in "lmnprt"]
TEXTS = 80


def _texts(lengths: Sequence[int]) -> list[str]:
    chance = random.Random(5)
    shares = [*accumulate(1 / rank for rank in range(1, len(WORDS) + 1))]
    return [" ".join(chance.choices(WORDS, cum_weights=shares, k=length)) for length in lengths]


def _entry(at: int, text: str) -> Entry:
    chunk = Chunk(str(UUID(int=at)), text, "", 0, len(text), 1, 1, None, 1)
    passage = Passage("texts", f"{at}", 0, chunk, "text", "", len(text), 0.0)
    return Entry(passage, np.zeros(WIDTH, np.float32), document_terms(text))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EdgeStore]:
    opened = EdgeStore(tmp_path / "store", "texts", WIDTH, "none")
    yield opened
    opened.close()


def _ours(store: EdgeStore, texts: Sequence[str], question: str) -> np.ndarray:
    """The score of each text."""
    scores = np.zeros(len(texts))
    for hit in store.candidates(None, query_terms(question), len(texts)).bm25:
        scores[UUID(hit.chunk_id).int] = hit.score
    return scores


def _fill(store: EdgeStore, texts: Sequence[str]) -> BM25Okapi:
    store.replace({f"{at}": (_entry(at, text),) for at, text in enumerate(texts)})
    return BM25Okapi([occurrences(text) for text in texts], k1=K1, b=B)


def _asked(question: str) -> list[int]:
    terms = query_terms(question)
    return [
        id for id, times in zip(terms.ids, terms.weights, strict=True) for _ in range(int(times))
    ]


QUESTIONS = [
    WORDS[0],  # in nearly every text
    WORDS[90],
    " ".join(WORDS[2:40:4]),
    f"{WORDS[7]} {WORDS[7]} {WORDS[50]}",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_are_rank_bm25s_but_for_idf_and_average(store: EdgeStore, question: str) -> None:
    texts = _texts([random.Random(at).randint(1, 300) for at in range(TEXTS)])
    reference = _fill(store, texts)
    holding = {id: sum(id in counts for counts in reference.doc_freqs) for id in _asked(question)}
    reference.idf = {
        id: math.log(1 + (TEXTS - held + 0.5) / (held + 0.5)) for id, held in holding.items()
    }
    reference.avgdl = AVERAGE_TERMS
    theirs = reference.get_scores(_asked(question))
    assert np.count_nonzero(theirs) > 0
    assert _ours(store, texts, question) == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("word", [WORDS[45], WORDS[70], WORDS[90]])
def test_a_word_ranks_texts_of_average_length_as_rank_bm25_does(
    store: EdgeStore, word: str
) -> None:
    texts = _texts([int(AVERAGE_TERMS)] * TEXTS)
    reference = _fill(store, texts)
    held = sum(word in text.split() for text in texts)
    assert 0 < held < TEXTS / 2, "rank-bm25 gives words of more texts another idf"
    ours, theirs = _ours(store, texts, word), reference.get_scores(_asked(word))
    assert np.argsort(-ours, kind="stable").tolist() == np.argsort(-theirs, kind="stable").tolist()


def test_scores_are_rank_bm25s_after_a_deletion(store: EdgeStore) -> None:
    texts = _texts([120] * TEXTS)
    _fill(store, texts)
    store.delete([f"{at}" for at in range(40, TEXTS)])
    fewer = BM25Okapi([occurrences(text) for text in texts[:40]], k1=K1, b=B)
    fewer.avgdl = AVERAGE_TERMS
    id = _asked(WORDS[60])[0]
    held = sum(id in counts for counts in fewer.doc_freqs)
    fewer.idf = {id: math.log(1 + (40 - held + 0.5) / (held + 0.5))}
    theirs = fewer.get_scores([id])
    assert np.count_nonzero(theirs) > 0
    assert _ours(store, texts, WORDS[60])[:40] == pytest.approx(theirs, abs=1e-4)
