"""What a search brought up, in the terms that the confidence is computed from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trinax.documents.prose import sentence_starts
from trinax.index.ports import Searchable
from trinax.index.reading import Reading, joined, readings
from trinax.index.records import Passage, Terms
from trinax.retrieval import confidence, reading
from trinax.retrieval.confidence import Evidence, Word
from trinax.retrieval.negation import negates
from trinax.retrieval.pool import Pool
from trinax.retrieval.question import Question

# Words that are looked up; a pasted page has hundreds.
WORDS_LIMIT = 24
# What ends a sentence without a stop: an empty line, a heading's line.
BREAKS = (
    re.compile(r"\n[ \t\r]{0,80}\n"),
    re.compile(r"(?:\A|(?<=\n))#{1,6} [^\n]*\n"),
)


@dataclass(frozen=True, slots=True)
class _Covering:
    """A sentence, and the share of the question that it covers. language: of its passage."""

    share: float
    text: str
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
    known = frozenset[int]().union(*(word.ids for word in words))
    read = reading.of(best)
    names = reading.contexts([(passage.file, passage.language) for passage in best])
    texts = [_among(known, one.text) for one in read]
    held = [
        text | _among(known, one.context, name)
        for text, one, name in zip(texts, read, names, strict=True)
    ]
    found = confidence.lexical(words, held, _strongest(asked, pool, _stores(pool, best)))
    found = _with_sentence(found, asked, words, list(zip(best, texts, strict=True)))
    if asked.embedder != confidence.FITTED_EMBEDDER:
        return found
    return replace(found, cosine=_nearest(asked, pool, best))


def _with_sentence(
    found: Evidence,
    asked: Question,
    words: Sequence[Word],
    passages: Sequence[tuple[Passage, frozenset[int]]],
) -> Evidence:
    """The evidence with that of the sentence that covers most of the question. passages: with
    those terms of the question that the text of each has."""
    shares = confidence.coverages(words, [ids for _, ids in passages])
    best, where = _Covering(0.0, "", ""), 0
    for place in sorted(range(len(passages)), key=lambda one: -shares[one]):
        if shares[place] < best.share:
            break  # no sentence covers more than its text does
        covering = _covering(words, *passages[place])
        if (covering.share, -place) > (best.share, -where):
            best, where = covering, place
    if not best.share:
        return found
    contrary = asked.negates and negates(best.text, best.language) is False
    return replace(found, sentence=best.share, contrary=float(contrary))


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


def _covering(words: Sequence[Word], passage: Passage, known: frozenset[int]) -> _Covering:
    """Of a passage's sentences the first that covers most. known: terms to look for."""
    language = passage.language
    sentences = _sentences(passage.chunk.text)
    held = [_among(known, one) for one in readings(sentences, language)]
    shares = confidence.coverages(words, held)
    best = max(shares)
    return _Covering(best, sentences[shares.index(best)], language)


def _sentences(text: str) -> list[str]:
    breaks = (match.end() for one in BREAKS for match in one.finditer(text))
    starts = sorted({0, *sentence_starts(text), *breaks})
    return [text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _among(known: frozenset[int], *read: Reading) -> frozenset[int]:
    """Those terms that stand in one of the texts."""
    return known.intersection(joined(*read).tolist())
