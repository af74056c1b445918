"""What a search brought up, in the terms that the confidence is computed from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trinax.documents.prose import sentence_starts
from trinax.index import analysis
from trinax.index.ports import Searchable
from trinax.index.records import Passage, Terms
from trinax.retrieval import confidence
from trinax.retrieval.confidence import Evidence, Word
from trinax.retrieval.negation import negates
from trinax.retrieval.pool import Pool
from trinax.retrieval.question import Question

# Words that are looked up; a pasted page has hundreds.
WORDS_LIMIT = 24
# What ends a sentence without a stop: an empty line, a heading's line.
BREAK = re.compile(r"\n[ \t\r]{0,80}\n|^#{1,6} [^\n]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """ids: of its terms. language: of its passage."""

    text: str
    ids: frozenset[int]
    language: str


def weighed(asked: Question, pool: Pool, passages: Sequence[Passage]) -> list[Word]:
    """The question's words, by what they add in the stores of the best passages, best first."""
    words = list(asked.words.items())[:WORDS_LIMIT]
    questions = [Terms(tuple(sorted(ids)), (1.0,) * len(ids)) for ids, _ in words]
    stores = _stores(pool, passages[: confidence.PASSAGES])
    # The score that each word gives to the chunk where it counts most.
    gains = zip(*(store.best(questions) for store in stores), strict=True)
    known = map(max, gains) if stores else [0.0] * len(words)
    return [Word(ids, weight, gain) for (ids, weight), gain in zip(words, known, strict=True)]


def evidence(
    asked: Question, words: Sequence[Word], pool: Pool, passages: Sequence[Passage]
) -> Evidence:
    """Of the best passages, best first; both sides count, whichever the search has used.

    words: weighed() for these passages.
    """
    best = passages[: confidence.PASSAGES]
    if not best:
        return Evidence()
    sentences = [_sentences(passage) for passage in best]
    held = [
        _around(passage).union(*(sentence.ids for sentence in cut))
        for passage, cut in zip(best, sentences, strict=True)
    ]
    found = confidence.lexical(words, held, _strongest(asked, pool, _stores(pool, best)))
    found = _with_sentence(found, asked, words, [one for cut in sentences for one in cut])
    if asked.embedder != confidence.FITTED_EMBEDDER:
        return found
    return replace(found, cosine=_nearest(asked, pool, best))


def _with_sentence(
    found: Evidence, asked: Question, words: Sequence[Word], sentences: Sequence[_Sentence]
) -> Evidence:
    """The evidence with that of the sentence that covers most of the question."""
    shares = confidence.coverages(words, [sentence.ids for sentence in sentences])
    best = max(shares, default=0.0)
    if not best:
        return found
    sentence = sentences[shares.index(best)]
    contrary = asked.negates and negates(sentence.text, sentence.language) is False
    return replace(found, sentence=best, contrary=float(contrary))


def _strongest(asked: Question, pool: Pool, stores: Sequence[Searchable]) -> float:
    if pool.bm25 or asked.terms is None:
        return max(pool.bm25.values(), default=0.0)
    return max(score for store in stores for score in store.best([asked.terms]))


def _nearest(asked: Question, pool: Pool, best: Sequence[Passage]) -> float:
    cosines = pool.dense
    if not cosines and asked.vector is not None:
        cosines = pool.cosines(asked.vector, [passage.chunk.id for passage in best])
    return max(0.0, *cosines.values()) if cosines else 0.0


def _stores(pool: Pool, passages: Sequence[Passage]) -> list[Searchable]:
    homes = [pool.home[passage.chunk.id] for passage in passages]
    return list({id(store): store for store in homes}.values())


def _sentences(passage: Passage) -> list[_Sentence]:
    text, language = passage.chunk.text, passage.language
    breaks = {match.end() for match in BREAK.finditer(text)}
    starts = sorted({0, *sentence_starts(text), *breaks})
    return [
        _Sentence(text[start:end], _ids(text[start:end], language), language)
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]


def _around(passage: Passage) -> frozenset[int]:
    """Term ids of what a passage is found by besides its text."""
    return _ids(passage.chunk.context, passage.language) | _ids(passage.file, passage.language)


def _ids(text: str, language: str) -> frozenset[int]:
    return frozenset(analysis.sequence(text, language))
