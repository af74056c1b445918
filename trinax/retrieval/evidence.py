"""What a search brought up, in the terms that the confidence is computed from."""

from collections.abc import Sequence
from dataclasses import replace

from trinax.index import analysis
from trinax.index.ports import Store
from trinax.index.records import Passage, Terms
from trinax.retrieval import confidence
from trinax.retrieval.confidence import Evidence, Word
from trinax.retrieval.pool import Pool
from trinax.retrieval.question import Question

# Words that are looked up; a pasted page has hundreds.
WORDS_LIMIT = 24


def evidence(asked: Question, pool: Pool, passages: Sequence[Passage]) -> Evidence:
    """Of the best passages, best first; both sides count, whichever the search has used."""
    best = passages[: confidence.PASSAGES]
    if not best:
        return Evidence()
    homes = [pool.home[passage.chunk.id] for passage in best]
    stores = list({id(store): store for store in homes}.values())
    held = [_term_ids(passage) for passage in best]
    words = confidence.lexical(_words(asked, stores), held, _strongest(asked, pool, stores))
    if asked.embedder != confidence.FITTED_EMBEDDER:
        return words
    return replace(words, cosine=_nearest(asked, pool, best))


def _strongest(asked: Question, pool: Pool, stores: Sequence[Store]) -> float:
    if pool.bm25 or asked.terms is None:
        return max(pool.bm25.values(), default=0.0)
    return max(_best(store, asked.terms) for store in stores)


def _nearest(asked: Question, pool: Pool, best: Sequence[Passage]) -> float:
    cosines = pool.dense
    if not cosines and asked.vector is not None:
        cosines = pool.cosines(asked.vector, [passage.chunk.id for passage in best])
    return max(0.0, *cosines.values()) if cosines else 0.0


def _words(asked: Question, stores: Sequence[Store]) -> list[Word]:
    return [
        Word(ids, weight, gain=max(_gain(store, ids) for store in stores))
        for ids, weight in list(asked.words.items())[:WORDS_LIMIT]
    ]


def _gain(store: Store, ids: frozenset[int]) -> float:
    """The BM25 score that a word gives to the chunk where it counts most."""
    return _best(store, Terms(tuple(sorted(ids)), (1.0,) * len(ids)))


def _best(store: Store, terms: Terms) -> float:
    found = store.candidates(None, terms, limit=1).bm25
    return found[0].score if found else 0.0


def _term_ids(passage: Passage) -> frozenset[int]:
    text, context = passage.chunk.text, passage.chunk.context
    terms = analysis.document_terms(text, context, passage.file, passage.language)
    return frozenset(terms.ids)
