"""A request as named numbers, each of which a person can check against the text."""

import math
from collections.abc import Mapping
from itertools import pairwise

from trinax.answering.routing.lexicon import lexicon
from trinax.answering.routing.shape import CJK, CODE_MARKS, TEXT_MARKS, WORD, Parts, parts

# Single words weigh less than what people wrote down about a language.
WORD_VALUE = 0.5
SHORT_WORDS, BRIEF_WORDS, LONG_WORDS, VERY_LONG_WORDS = 3, 7, 18, 40
LONG_QUOTATION_WORDS = 4
CHAT = frozenset({"greeting", "thanks", "farewell", "assent", "person"})
# Groups that say little by themselves.
WEAK = frozenset(
    {"request", "person speaks", "or", "several things", "joining", "unit", "two meanings"}
)
# Groups that a question about the world hardly holds.
CODE = frozenset({"programming", "language or tool", "code work", "failure", "code keyword"})
WORK = CODE | {"document", "what it says", "prose", "rewriting", "how to", "why", "explain"}
FACT_WORDS = 9


def features(text: str) -> dict[str, float]:
    """Values by name, in [0, 3]; what is not there is 0.

    Names: a group of words ("weighing"), a mark ("fence"), a measure ("commas"), or "word W", where
    W is a word, two in a row, two Chinese characters, or "^" and the first word.
    """
    seen = parts(text)
    words = [word.casefold() for word in WORD.findall(seen.asked)]
    hits = lexicon().hits(words, seen.asked)
    found = {group: math.log2(1 + min(number, 7)) for group, number in hits.items()}
    marks = [name for name, (_, mark) in CODE_MARKS.items() if mark.search(seen.whole)]
    found |= dict.fromkeys(marks, 1.0)
    found |= {name: 1.0 for name, (_, mark) in TEXT_MARKS.items() if mark.search(seen.whole)}
    if marks:
        found["code marks"] = math.log2(1 + len(marks))
    if "two meanings" in hits and (marks or not CODE.isdisjoint(hits)):
        found["two meanings beside code"] = 1.0
    found |= _measures(words, hits, seen)
    found |= {f"word {word}": WORD_VALUE for word in _own_words(words, seen)}
    return found


def _measures(words: list[str], hits: Mapping[str, int], seen: Parts) -> dict[str, float]:
    length = len(words) - seen.cjk + seen.cjk / 2
    commas = sum(seen.asked.count(mark) for mark in ",;，、；")
    asks = "request" in hits or "?" in seen.asked or "？" in seen.asked
    chat = sum(hits.get(group, 0) for group in CHAT)
    measures = {
        "length": math.log2(1 + min(length, 63)) / 2,
        "at most 3 words": float(length <= SHORT_WORDS),
        "at most 7 words": float(length <= BRIEF_WORDS),
        "over 18 words": float(length > LONG_WORDS),
        "over 40 words": float(length > VERY_LONG_WORDS),
        "commas": math.log2(1 + min(commas, 7)),
        "quotation": float(seen.quoted > 0),
        "long quotation": float(seen.quoted >= LONG_QUOTATION_WORDS),
        "short quotation": float(0 < seen.quoted < LONG_QUOTATION_WORDS),
        "pasted text": float(seen.pasted),
        "nothing but chat": float(bool(chat) and {*hits} <= CHAT | WEAK),
        "asks nothing": float(not asks),
        "tells and asks nothing": float(not asks and "person speaks" in hits),
        "chat and asks nothing": float(not asks and bool(chat)),
        "chat share": min(1.0, 2 * chat / max(1.0, length)),
        "like a question about the world": float(
            "request" in hits and length <= FACT_WORDS and WORK.isdisjoint(hits)
        ),
        "no words": float(not words),
        "nothing known": float(not {*hits} - WEAK),
    }
    return {name: value for name, value in measures.items() if value}


def _own_words(words: list[str], seen: Parts) -> set[str]:
    """The words by themselves, the first one also as the first."""
    own = {word for word in words if not CJK.match(word)}
    own |= {f"{one} {two}" for one, two in pairwise(words) if one in own and two in own}
    if words and not CJK.match(words[0]):
        own.add("^" + words[0])
    if seen.cjk:
        text = "".join(words)
        own |= {text[n : n + 2] for n in range(len(text) - 1) if CJK.match(text[n])}
    return own
