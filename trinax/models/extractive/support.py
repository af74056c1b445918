"""How well each excerpt of the retrieved passages supports an answer to a question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trinax.index import analysis
from trinax.index.records import Passage
from trinax.models.extractive.excerpts import Excerpt, excerpts

Floats = NDArray[np.float64]
Similarity = Callable[[str, Sequence[str]], Floats]

# Fitted on 2 000 questions of SQuAD 1.1 (gold paragraph among eight) and rounded: listwise
# logistic regression on whether an excerpt holds the answer. docs/decisions/0006-generation.md.
OWN = 4.0  # share of the question's words in the excerpt, weighted by rarity
WITH_PREVIOUS = 4.0  # the same with the excerpt before it, which pronouns point to
FIRST_PASSAGES = 1.5  # 1 / rank of the passage
PHRASES = 4.0  # share of the question's neighbouring words that are neighbours here
ANSWER_TYPE = 2.0  # a number, a date, a name, where one was asked for
SHORT = -4.0  # fewer than five words
# Not fitted: the sets at hand have none of these.
DEFINES = 2.0  # "X is …" for "what is X"
INSTRUCTS = 1.5  # code, a table or a list item for "how do I"
DEFINED = 3.0  # code that defines what the question names
CODE = 1.5  # given to code if the question speaks of code, else taken
SIMILARITY = 3.0  # cosine of an embedder; of 1, 2 and 3 the best on 500 other questions

SHORT_WORDS = 5
WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred"
    r"|thousand|million|billion|half|third|percent"
    r"|un[oae]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|mil|millones"
    r"|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|cent|mille"
    r"|eins?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|hundert|tausend"
    r"|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dois|duas|três|quatro|oito|dez)\b"
    r"|[一二三四五六七八九十百千万亿两]",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b[12]\d{3}s?\b|\b\d{1,2}(?:st|nd|rd|th)? century\b|\bsiglo\b|\bsiècle\b|\bJahrhundert"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\b(?= ?\d|,)"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    r"|diciembre|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|januar|februar|märz|juni|juli|oktober|dezember|gennaio|febbraio|aprile|maggio|giugno|luglio"
    r"|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro"
    r"|dezembro)\b|\d+\s*年|世纪",
    re.IGNORECASE,
)
# A capital that does not merely begin the sentence.
NAME = re.compile(r"(?<=[^.!?\s] )[“\"'(]?[A-ZÀ-ÖØ-Þ][\w'’-]+|[\u4e00-\u9fff]{2,}")

ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|often|tall|large|big|high|fast)\b"
    r"|\b(?:percentage|number) of\b|\bwhat (?:percentage|number|amount|size|port)\b"
    r"|\bcu[aá]nt[oa]s?\b|\bcombien\b|\bwie ?viele?\b|\bquant[ioae]s?\b|多少|几个|幾",
    re.IGNORECASE,
)
ASKS_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|month|date|day|decade|century)\b|\bcu[aá]ndo\b"
    r"|\bqu[eé] (?:año|fecha|día|mes|siglo)\b|\bquand\b|\bquelle (?:année|date)\b|\bwann\b"
    r"|\bquando\b|\bque ano\b|\bche anno\b|什么时候|何时|哪一?年|几时",
    re.IGNORECASE,
)
ASKS_NAME = re.compile(
    r"\b(?:who|whose|whom|where)\b|\b(?:what|which) (?:city|country|state|place|region|company"
    r"|person)\b|\bqui[eé]n(?:es)?\b|\bd[oó]nde\b|\bqui\b|\boù\b|\bwer\b|\bwem\b|\bwen\b|\bwo\b"
    r"|\bquem\b|\bonde\b|\bchi\b|\bdove\b|谁|哪里|哪儿|何处",
    re.IGNORECASE,
)
ASKS_HOW = re.compile(
    r"\bhow (?:do|can|should|could|would|to)\b|\bc[oó]mo\b|\bcomment\b|\bwie\b|\bcome\b"
    r"|怎么|如何|怎样",
    re.IGNORECASE,
)
ASKS_WHAT = re.compile(
    r"^\W*(?:what(?:'s| is| are| does)|define|qu[eé] (?:es|son)|qu'est-ce que?|was (?:ist|sind)"
    r"|o que [eé]|cos['’]?[eè]|什么是)\s*(?:an?|the|un[ae]?|el|la|le|les|eine?|der|die|das|o|a)?\s+"
    r"(?P<what>[^?？]+)",
    re.IGNORECASE,
)
ARTICLE = r"(?:the |an? |el |la |le |der |die |das |o |il )"
IS = r"(?:is|are|means|es|son|est|sont|ist|sind|é|são|è|sono)\b"
DEFINITION = re.compile(
    r"\b(?:def|class|func|function|fn|struct|enum|interface|trait|type|module|namespace|const|let"
    r"|var|sub)\s+(\w+)|^\s*(?:[\w*&<>]+\s+)+(\w+)\s*\(",
    re.MULTILINE,
)
ASKS_CODE = re.compile(
    r"`|\w\(\)|[a-z]_[a-z]|[a-z][A-Z]|\b(?:code|function|method|class|module|argument|parameter"
    r"|implement\w*|función|código|fonction|funktion|klasse|funzione|função)\b|函数|代码"
)


@dataclass(frozen=True, slots=True)
class Supported:
    """An excerpt and what it earned. best_line: of a code passage, from 0."""

    excerpt: Excerpt
    score: float
    best_line: int = 0


@dataclass(frozen=True, slots=True)
class _Words:
    """A question's words: term ids of each, and how much each tells."""

    ids: Sequence[frozenset[int]]
    weights: Floats

    def held(self, terms: frozenset[int]) -> Floats:
        return np.array([not ids.isdisjoint(terms) for ids in self.ids], dtype=np.float64)

    def share(self, held: Floats) -> float:
        return float(held @ self.weights / (self.weights.sum() or 1.0))


def supported(
    question: str, passages: Sequence[Passage], similarity: Similarity | None = None
) -> list[Supported]:
    """Every excerpt of the passages (best passage first), best excerpt first.

    similarity: cosine of a question with each text, where an embedder is at hand.
    """
    parts = [part for n, passage in enumerate(passages, 1) for part in excerpts(passage, n)]
    if not parts:
        return []
    languages = [passages[part.n - 1].language for part in parts]
    terms = [_terms(part.text, language) for part, language in zip(parts, languages, strict=True)]
    words = _words(question, sorted(set(languages) - {""}), terms)
    scores = _by_words(words, parts, terms) + _by_shape(question, parts)
    if similarity:
        scores += SIMILARITY * similarity(question, [part.text for part in parts])
    order = np.argsort(-scores, kind="stable")
    return [
        Supported(parts[i], float(scores[i]), _best_line(question, words, parts[i])) for i in order
    ]


def _terms(text: str, language: str) -> frozenset[int]:
    return frozenset(analysis.document_terms(text, language=language).ids)


def _words(question: str, languages: Sequence[str], terms: Sequence[frozenset[int]]) -> _Words:
    ids = [frozenset(ids) for _, ids in analysis.query_words(question, languages) if ids]
    frequency = np.array([sum(not one.isdisjoint(held) for held in terms) for one in ids])
    # BM25's idf; a word that no excerpt has cannot tell them apart.
    weights = np.log1p((len(terms) - frequency + 0.5) / (frequency + 0.5)) * (frequency > 0)
    return _Words(ids, weights)


def _by_words(words: _Words, parts: Sequence[Excerpt], terms: Sequence[frozenset[int]]) -> Floats:
    held = [words.held(one) for one in terms]
    scores = np.empty(len(parts))
    for i, part in enumerate(parts):
        follows = i > 0 and parts[i - 1].n == part.n
        both = np.maximum(held[i], held[i - 1]) if follows else held[i]
        scores[i] = (
            OWN * words.share(held[i]) + WITH_PREVIOUS * words.share(both) + FIRST_PASSAGES / part.n
        )
    return scores


def _by_shape(question: str, parts: Sequence[Excerpt]) -> Floats:
    pairs = _pairs(question)
    wanted = [
        answer
        for asks, answer in ((ASKS_NUMBER, NUMBER), (ASKS_DATE, DATE), (ASKS_NAME, NAME))
        if asks.search(question)
    ]
    return np.array(
        [
            PHRASES * len(pairs & _pairs(part.text)) / max(1, len(pairs))
            + ANSWER_TYPE * any(_new(answer, part.text, question) for answer in wanted)
            + SHORT * (part.shape == "sentence" and _length(part.text) < SHORT_WORDS)
            + _by_kind(question, part)
            for part in parts
        ]
    )


def _by_kind(question: str, part: Excerpt) -> float:
    score = 0.0
    if what := ASKS_WHAT.match(question):
        subject = re.escape(what["what"].strip().rstrip(".!"))
        begins = (
            rf"^\W*(?:the |an? |el |la |le |der |die |das )?{subject}\W* (?:is|are|means|es|son"
        )
        begins += r"|est|sont|ist|sind|é|são|è|sono)\b"
        score += DEFINES * bool(re.match(begins, part.text, re.IGNORECASE))
    if ASKS_HOW.search(question):
        score += INSTRUCTS * (part.shape in ("item", "table", "fence"))
    if part.shape == "code":
        score += CODE if ASKS_CODE.search(question) else -CODE
        score += DEFINED * bool(_defined_lines(question, part.text))
    return score


def _pairs(text: str) -> set[tuple[str, str]]:
    words = WORD.findall(text.casefold())
    if UNSPACED.search(text):
        words = [character for word in words for character in word]
    return set(pairwise(words))


def _new(answer: re.Pattern[str], text: str, question: str) -> bool:
    """Whether the text has something of the kind that the question does not have itself."""
    return any(found not in question for found in answer.findall(text))


def _length(text: str) -> float:
    unspaced = len(UNSPACED.findall(text))
    return unspaced / 2 if unspaced else len(text.split())


def _best_line(question: str, words: _Words, part: Excerpt) -> int:
    if part.shape != "code":
        return 0
    if defined := _defined_lines(question, part.text):
        return defined[0]
    lines = part.text.split("\n")
    return int(np.argmax([words.share(words.held(_terms(line, ""))) for line in lines]))


def _defined_lines(question: str, code: str) -> list[int]:
    """Lines, from 0, that define something which the question names."""
    named = set(WORD.findall(question))
    return [
        code.count("\n", 0, match.start(match.lastindex or 0))
        for match in DEFINITION.finditer(code)
        if named & {*match.groups()}
    ]
