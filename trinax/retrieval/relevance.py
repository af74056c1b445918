"""How well texts that are in no collection answer a query."""

from collections.abc import Sequence

from trinax.documents.records import Chunk
from trinax.embedding.ports import Embedder
from trinax.index.languages import language
from trinax.index.records import Passage
from trinax.retrieval import confidence, fusion
from trinax.retrieval.ephemeral import COLLECTION, Shelf
from trinax.retrieval.evidence import evidence, weighed
from trinax.retrieval.pool import Wanted, gather
from trinax.retrieval.question import question

# How rare a word is says less among few texts, so meaning counts more than in a collection: of
# SciFact, NFCorpus, CoSQA and XQuAD-es, 50 candidates a query, each ranks better than by 0.5.
DENSE_WEIGHT = 1.0


def relevance(query: str, texts: Sequence[str], embedder: Embedder) -> list[float]:
    """By words and by meaning, times the confidence that any of the texts holds an answer, which
    makes scores of different queries comparable; in [0, 1], in the order of the texts."""
    shelf = Shelf([_passage(place, text) for place, text in enumerate(texts)], embedder)
    asked = question([(query, 1.0)], embedder)
    pool = gather([shelf], Wanted(asked.vector, asked.terms, len(texts)))
    ranking = fusion.weighted(pool.bm25, pool.dense, DENSE_WEIGHT, pool.floor)
    best = shelf.fetch([chunk_id for chunk_id, _ in ranking[: confidence.PASSAGES]])
    sure = confidence.probability(evidence(asked, weighed(asked, pool, best), pool, best))
    scores = dict(ranking)
    return [sure * scores.get(_id(place), 0.0) for place in range(len(texts))]


def _passage(place: int, text: str) -> Passage:
    chunk = Chunk(_id(place), text, "", 0, 0, 1, 1, None, 0)
    return Passage(COLLECTION, "", place, chunk, "text", language(text), 0, 0.0)


def _id(place: int) -> str:
    """In the order of the places, by which ties are broken."""
    return f"{place:06d}"
