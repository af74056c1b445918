"""What is measured of each excerpt of the passages, for a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.ports import Embedder
from trinax.index import analysis
from trinax.index.records import Passage
from trinax.models.extractive.asking import Asked
from trinax.models.extractive.excerpts import Excerpt, excerpts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The columns of a matrix of features; what each is weighted by stands in weights.py.
NAMES = (
    "score",  # of retrieval, for the passage, over the best passage's
    "own",  # share of the question's words in the excerpt, by rarity among the excerpts
    "long",  # the same, by the length of the words
    "previous",  # as own, together with the two excerpts before, which pronouns point to
    "next",  # as own, together with the excerpt that follows
    "context",  # as own, together with title and headings of the passage
    "names",  # share of the question's capitalised words in the excerpt
    "names_context",  # the same, together with title and headings
    "prefix",  # as own, also where only the first letters of a word are the same
    "pairs",  # share of the question's neighbouring words that are neighbours here
    "number",  # a new number, where one is asked for
    "date",
    "name",
    "near",  # share of the question's words that stand close to what may be the answer
    "focus",  # the noun of "which noun"
    "length",  # logarithm of the number of words
    "new",  # logarithm of the number of words that the question lacks
    "short",  # fewer than five words
    "first",  # the passage begins with it
    "cosine",  # the built-in embedder's, of the excerpt with the one before it
    "cosine_rank",  # of the excerpt alone, in standard deviations from the mean
)

PREFIX = 5  # letters that related words share
NEAR_WORDS = 7
CANDIDATES = 60  # of answers that are looked at in one excerpt
SHORT_WORDS = 5
QUESTION_WORDS = 64
# What the passages of a question score on average, over the first; used where it is not known.
# Means over SQuAD 1.1, printed by `python -m trinax.evaluation.extractive … --fit`.
TYPICAL_SCORES = (1.0, 0.73, 0.64, 0.59, 0.56, 0.53, 0.51, 0.50)

WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
FOCUS = re.compile(
    r"\b(?:what|which)\s+(?:(?:kind|type|sort) of |other |two |three |(?:is|was|are|were) the )?"
    r"(\w{1,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Material:
    """Passages cut into excerpts, and what every question needs of them.

    languages: of the passages. names: what else is known of each: title, headings and file, as
    text. terms: ids of each excerpt's words; context_terms: of each
    passage's title and headings. scores: (n,) of the excerpts' passages, the best 1.
    vectors, with_previous: (n, width), None without an embedder.
    """

    parts: tuple[Excerpt, ...]
    languages: tuple[str, ...]
    names: tuple[str, ...]
    terms: tuple[frozenset[int], ...]
    context_terms: tuple[frozenset[int], ...]
    scores: Floats
    vectors: NDArray[np.float32] | None
    with_previous: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Words:
    """A question's words without stop words. weights: by rarity among the excerpts, 0 for a word
    that none has. held: (n excerpts, n words) 0 or 1."""

    written: tuple[str, ...]
    ids: tuple[frozenset[int], ...]
    weights: Floats
    held: Floats

    def share(self, held: Floats) -> Floats:
        """Of each row, by weight."""
        total = float(self.weights.sum())
        return held @ self.weights / (total or 1.0)


def material(
    passages: Sequence[Passage], scores: Sequence[float] = (), embedder: Embedder | None = None
) -> Material:
    """scores: retrieval's for the passages, best first; () where they are not known."""
    parts = tuple(part for n, passage in enumerate(passages, 1) for part in excerpts(passage, n))
    places = np.array([part.n - 1 for part in parts], dtype=np.int64)
    languages = tuple(passage.language for passage in passages)
    texts = [part.text for part in parts]
    vectors = both = None
    if embedder and parts:
        follows = _follows(places)
        vectors = embedder.passages(texts)
        before = np.concatenate([vectors[:1], vectors[:-1]]) * follows[:, None]
        both = (vectors + before) / (np.linalg.norm(vectors + before, axis=1) + 1e-9)[:, None]
    return Material(
        parts,
        languages,
        tuple(f"{passage.chunk.context} {passage.file}" for passage in passages),
        tuple(term_ids(part.text, languages[part.n - 1]) for part in parts),
        tuple(term_ids(passage.chunk.context, passage.language) for passage in passages),
        _relative(scores, len(passages))[places],
        vectors,
        both,
    )


def term_ids(text: str, language: str) -> frozenset[int]:
    return frozenset(analysis.document_terms(text, language=language).ids)


def words(question: str, given: Material) -> Words:
    languages = sorted(set(given.languages) - {""})
    found = [(word, ids) for word, ids in analysis.query_words(question, languages) if ids]
    ids = tuple(frozenset(ids) for _, ids in found[:QUESTION_WORDS])
    written = tuple(word for word, _ in found[:QUESTION_WORDS])
    held = holding(ids, given.terms)
    frequency = held.sum(axis=0)
    # BM25's idf; a word that no excerpt has cannot tell them apart.
    weights = np.log1p((len(held) - frequency + 0.5) / (frequency + 0.5)) * (frequency > 0)
    return Words(written, ids, weights, held)


def holding(ids: Sequence[frozenset[int]], terms: Sequence[frozenset[int]]) -> Floats:
    """(len(terms), len(ids)) of 0 and 1: whether a text has a word."""
    rows = [[not word.isdisjoint(held) for word in ids] for held in terms]
    return np.array(rows, dtype=np.float64).reshape(len(terms), len(ids))


def with_context(found: Words, given: Material) -> Floats:
    """(n excerpts, n words) of 0 and 1: whether excerpt, title or headings have a word."""
    places = np.array([part.n - 1 for part in given.parts], dtype=np.int64)
    return np.maximum(found.held, holding(found.ids, given.context_terms)[places])


def matrix(asked: Asked, found: Words, given: Material, embedder: Embedder | None) -> Floats:
    """(n excerpts, len(NAMES))."""
    lengths = np.array([_length(part.text) for part in given.parts])
    columns = {
        "score": given.scores,
        **_shares(found, given),
        **_answers(asked, given.parts),
        **_cosines(asked.text, given, embedder),
        "length": np.log1p(lengths),
        "short": (lengths < SHORT_WORDS).astype(np.float64),
        "new": _new_words(found, given),
        "first": np.array([part.order == 0 for part in given.parts], dtype=np.float64),
    }
    return np.column_stack([columns[name] for name in NAMES])


def _shares(found: Words, given: Material) -> dict[str, Floats]:
    held, places = found.held, np.array([part.n - 1 for part in given.parts], dtype=np.int64)
    previous, following = np.zeros_like(held), np.zeros_like(held)
    follows = _follows(places)
    previous[follows] = held[:-1][follows[1:]]
    following[:-1][follows[1:]] = held[1:][follows[1:]]
    before = np.zeros_like(held)
    before[follows] = previous[:-1][follows[1:]]
    context = with_context(found, given)
    long = np.array([min(len(word), 10) if word.isascii() else 4 for word in found.written])
    names = np.array([word[:1].isupper() and i > 0 for i, word in enumerate(found.written)], float)
    return {
        "own": found.share(held),
        "long": held @ long / max(1, long.sum()) if len(long) else np.zeros(len(held)),
        "previous": found.share(np.maximum.reduce([held, previous, before])),
        "next": found.share(np.maximum(held, following)),
        "context": found.share(context),
        "names": held @ names / max(1.0, names.sum()),
        "names_context": context @ names / max(1.0, names.sum()),
        "prefix": found.share(np.maximum(held, _by_prefix(found.written, given.parts))),
    }


def _by_prefix(written: Sequence[str], parts: Sequence[Excerpt]) -> Floats:
    prefixes = [word.casefold()[:PREFIX] for word in written]
    rows = []
    for part in parts:
        here = {word[:PREFIX] for word in WORD.findall(part.text.casefold())}
        rows.append([len(prefix) == PREFIX and prefix in here for prefix in prefixes])
    return np.array(rows, dtype=np.float64).reshape(len(parts), len(prefixes))


def _answers(asked: Asked, parts: Sequence[Excerpt]) -> dict[str, Floats]:
    kinds = dict(
        zip(("number", "date", "name"), (asked.number, asked.date, asked.name), strict=True)
    )
    patterns = iter(asked.answers)
    found = {kind: np.zeros(len(parts)) for kind in kinds}
    for kind in (kind for kind, wanted in kinds.items() if wanted):
        pattern = next(patterns)
        found[kind] = np.array([_is_new(pattern, part.text, asked.text) for part in parts], float)
    pairs = _pairs(asked.text)
    shares = [len(pairs & _pairs(part.text)) / max(1, len(pairs)) for part in parts]
    focus = FOCUS.search(asked.text)
    noun = focus[1].casefold().rstrip("s") if focus else ""
    return {
        **found,
        "pairs": np.array(shares),
        "near": _near(asked, parts),
        "focus": np.array([float(noun != "" and noun in part.text.casefold()) for part in parts]),
    }


def _near(asked: Asked, parts: Sequence[Excerpt]) -> Floats:
    stops = {ids_word for ids_word, ids in analysis.query_words(asked.text) if not ids}
    prefixes = {word.casefold()[:PREFIX] for word in WORD.findall(asked.text) if word not in stops}
    if not prefixes:
        return np.zeros(len(parts))
    return np.array([_densest(asked, prefixes, part.text) for part in parts]) / len(prefixes)


def _densest(asked: Asked, prefixes: set[str], text: str) -> float:
    tokens = WORD.findall(text)
    heads = [token.casefold()[:PREFIX] for token in tokens]
    ours = [i for i, head in enumerate(heads) if head in prefixes]
    if not ours:
        return 0.0
    candidates = [i for i, head in enumerate(heads) if head not in prefixes]
    if asked.number or asked.date:
        candidates = [i for i in candidates if tokens[i][0].isdigit()]
    elif asked.name:
        candidates = [i for i in candidates if i and tokens[i][0].isupper()]
    near = (
        len({heads[i] for i in ours if abs(i - at) <= NEAR_WORDS}) for at in candidates[:CANDIDATES]
    )
    return float(max(near, default=0))


def _cosines(question: str, given: Material, embedder: Embedder | None) -> dict[str, Floats]:
    if embedder is None or given.vectors is None or given.with_previous is None:
        nothing = np.zeros(len(given.parts))
        return {"cosine": nothing, "cosine_rank": nothing}
    vector = embedder.queries([question])[0]
    alone = np.asarray(given.vectors @ vector, dtype=np.float64)
    return {
        "cosine": np.asarray(given.with_previous @ vector, dtype=np.float64),
        "cosine_rank": (alone - alone.mean()) / (alone.std() + 1e-6),
    }


def _new_words(found: Words, given: Material) -> Floats:
    known = frozenset[int]().union(*found.ids)
    return np.log1p(np.array([len(terms - known) for terms in given.terms], dtype=np.float64))


def _follows(places: Ints) -> NDArray[np.bool_]:
    """Whether an excerpt stands behind another of its passage."""
    return np.concatenate([[False], places[1:] == places[:-1]])[: len(places)]


def _relative(scores: Sequence[float], passages: int) -> Floats:
    if len(scores) == passages and scores and max(scores) > 0:
        return np.array(scores, dtype=np.float64) / max(scores)
    rest = (TYPICAL_SCORES[-1],) * max(0, passages - len(TYPICAL_SCORES))
    return np.array([*TYPICAL_SCORES, *rest][:passages], dtype=np.float64)


def _pairs(text: str) -> set[tuple[str, str]]:
    found = WORD.findall(text.casefold())
    if UNSPACED.search(text):
        found = [character for word in found for character in word]
    return set(pairwise(found))


def _is_new(answer: re.Pattern[str], text: str, question: str) -> bool:
    """Whether the text has something of the kind that the question does not have itself."""
    return any(found not in question for found in answer.findall(text))


def _length(text: str) -> float:
    unspaced = len(UNSPACED.findall(text))
    return unspaced / 2 if unspaced else len(text.split())
