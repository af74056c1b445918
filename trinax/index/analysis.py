"""Text to BM25 terms: the same words give the same term ids, in documents and in queries."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from zlib import crc32

from trinax.index.languages import language as language
from trinax.index.records import Terms
from trinax.index.stemmer import stem
from trinax.index.stopwords import STOPWORDS
from trinax.index.words import COMPOUND, UNSPACED, compound, folded, normalised, runs

# Raised with every change that gives a text other terms; stores are rebuilt then.
VERSION = 1

# Saturation and length normalisation; this and what follows: docs/decisions/0002-bm25.md.
K1 = 1.5
B = 0.75

# Terms in an average chunk (prose 110, code 79), which b is measured against. Fixed, so that a
# chunk's terms depend on the chunk alone and a collection cut in two ranks as before.
AVERAGE_TERMS = 100.0

# How often a word of the headings and of the file's name counts, as if it stood in the text.
CONTEXT_WEIGHT = 2.0
FILE_WEIGHT = 1.0

# What words are stemmed by where nobody knows the language: code is mostly English.
ASSUMED_LANGUAGE = "en"

CACHED_WORDS = 1 << 17
# Longer runs (base64) hardly come again.
CACHED_CHARACTERS = 64
# Of the texts that several chunks in a row share: the file's name, headings.
CACHED_CONTEXTS = 256


def document_terms(text: str, context: str = "", file: str = "", language: str = "") -> Terms:
    """BM25's side of a chunk: saturated term frequencies, without idf.

    context: headings, title, symbol names. file: the path. language: ISO 639-1 of the words, ""
    for code and where it is unknown.
    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009.
    """
    found = _counts(text, language)
    counts: dict[int, float] = {**found}
    for part, weight in ((context, CONTEXT_WEIGHT), (file, FILE_WEIGHT)):
        for id, times in _context_counts(part, language).items():
            counts[id] = counts.get(id, 0.0) + weight * times
    damping = K1 * (1 - B + B * found.total() / AVERAGE_TERMS)
    ids = sorted(counts)
    weights = {tf: (K1 + 1) * tf / (tf + damping) for tf in {*counts.values()}}
    return Terms(tuple(ids), tuple([weights[counts[id]] for id in ids]))


def occurrences(text: str, language: str = "") -> list[int]:
    """The term ids of a text, each as often as it stands there; language as in
    document_terms()."""
    return list(_counts(text, language).elements())


def spaced(text: str) -> tuple[str, list[int]]:
    """The text as words are looked for in it, with blanks for what is in scripts without spaces,
    and the ids of those in order."""
    text = normalised(text)
    if text.isascii():
        return text, []
    grams = chain.from_iterable(map(_grams, UNSPACED.findall(text)))
    return UNSPACED.sub(" ", text), list(map(_id, grams))


def query_terms(text: str, languages: Sequence[str] = ()) -> Terms:
    """How often each term stands in a query; languages as for query_words()."""
    counts: Counter[int] = Counter()
    for _, ids in query_words(text, languages):
        counts.update(ids)
    order = sorted(counts)
    return Terms(tuple(order), tuple([float(counts[id]) for id in order]))


def query_words(text: str, languages: Sequence[str] = ()) -> list[tuple[str, set[int]]]:
    """Each word of a query with its term ids, none for a stop word.

    languages: to stem by beside the query's own and English, which also stands for code. The
    query's own is the one with most stop words in it; where it has none, all that we know, for
    the stem of a wrong language rarely meets a word.
    """
    text = normalised(text)
    grams = chain.from_iterable(map(_grams, UNSPACED.findall(text)))
    words = COMPOUND.findall(UNSPACED.sub(" ", text))
    own, stops = _own([part for word in words for part in compound(word).parts])
    stemmed_by = dict.fromkeys((*own, *languages, ASSUMED_LANGUAGE))
    found = [(gram, {_id(gram)}) for gram in grams]
    for word in words:
        whole, parts = compound(word)
        ids = {_stem_id(part, one) for part in parts if part not in stops for one in stemmed_by}
        found.append((word, ids | {_id(folded(whole))} if whole else ids))
    return found


@lru_cache(CACHED_CONTEXTS)
def _context_counts(text: str, language: str) -> Counter[int]:
    return _counts(text, language)


def _counts(text: str, language: str) -> Counter[int]:
    return Counter(_sequence(text, language))


def _sequence(text: str, language: str) -> Iterator[int]:
    text, grams = spaced(text)
    ids = run_ids(language or ASSUMED_LANGUAGE).__getitem__
    return chain(chain.from_iterable(map(ids, runs(text))), grams)


def _own(words: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """Languages that a query may be in, and the stop words to leave out of it."""
    votes = {one: sum(map(stops.__contains__, words)) for one, stops in STOPWORDS.items()}
    most = max(votes.values())
    own = [one for one, count in votes.items() if count == most]
    stops = frozenset[str]().union(*(STOPWORDS[one] for one in own)) if most else frozenset[str]()
    # Made of stop words only ("to be or not to be"): they are all there is to search for.
    return own, frozenset[str]() if stops.issuperset(words) else stops


def _grams(run: str) -> list[str]:
    """Overlapping pairs of characters; a lone one is itself."""
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]


class RunIds(dict[str, tuple[int, ...]]):
    """Term ids of the words of a run, in one language; remembers what it has analysed. Any thread
    may use it."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, run: str) -> tuple[int, ...]:
        ids = tuple(id for word in COMPOUND.findall(run) for id in self._of(word))
        if len(run) <= CACHED_CHARACTERS:
            if len(self) >= CACHED_WORDS:
                self.clear()
            self[run] = ids
        return ids

    def _of(self, word: str) -> Iterator[int]:
        whole, parts = compound(word)
        yield from (_stem_id(part, self._language) for part in parts)
        if whole:
            yield _id(folded(whole))


@cache
def run_ids(language: str) -> RunIds:
    return RunIds(language)


@lru_cache(CACHED_WORDS)
def _stem_id(word: str, language: str) -> int:
    # Folded last: the stemmers know accents.
    return _id(folded(stem(word, language)))


def _id(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass"))
