"""What a question speaks of and the passages do not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trinax.documents import tokens
from trinax.embedding.ports import Embedder
from trinax.index.languages import language
from trinax.models.extractive.asking import Asked
from trinax.models.extractive.features import PREFIX, UNSPACED, WORD, Material, Words

SHORTEST = 4
RELATED = 0.33  # cosine of the built-in embedder from which two words may mean the same
LIMIT = 6
SHOWN_CHARACTERS = 60  # of one word

IDENTIFIER = re.compile(r"\d|_|[a-z][A-Z]")


@dataclass(frozen=True, slots=True)
class Shown:
    """The words of passages, of their titles, headings and files.

    terms: ids. whole: as they are written, in small letters. prefixes: their beginnings.
    """

    terms: frozenset[int]
    whole: frozenset[str]
    prefixes: frozenset[str]

    def has(self, word: str, ids: frozenset[int]) -> bool:
        if IDENTIFIER.search(word):
            # "write_file" is not there where "read_file" is.
            return self.whole.issuperset(WORD.findall(word.casefold()))
        prefix = word.casefold()[:PREFIX]
        return not ids.isdisjoint(self.terms) or (len(prefix) == PREFIX and prefix in self.prefixes)


def missing(
    asked: Asked,
    found: Words,
    given: Material,
    quoted: frozenset[int],
    embedder: Embedder | None,
) -> list[str]:
    """Names and numbers that no quoted passage has, and rare English words that no passage has nor
    any word like them; the first LIMIT as they were written, neighbours together.

    quoted: numbers of passages.
    """
    everywhere = shown(given, frozenset(range(1, len(given.languages) + 1)))
    here = shown(given, quoted)
    # What is rare is known of English only.
    english = language(asked.text) in ("", "en")
    lost: list[str] = []
    for word, ids in zip(found.written, found.ids, strict=True):
        if UNSPACED.search(word) or len(word) < 2:
            continue
        if is_name(word, asked):
            lost += [word] if not here.has(word, ids) else []
        elif english and is_rare(word) and not everywhere.has(word, ids):
            lost.append(word)
    lost = list(dict.fromkeys(lost))
    names = [word for word in lost if is_name(word, asked)]
    others = _unlike([word for word in lost if word not in names], given, embedder)
    return _together([word for word in lost if word in names or word in others], asked.text)


def shown(given: Material, numbers: frozenset[int]) -> Shown:
    terms = [one for one, part in zip(given.terms, given.parts, strict=True) if part.n in numbers]
    context = [given.context_terms[n - 1] for n in numbers]
    texts = [part.text for part in given.parts if part.n in numbers]
    texts += [given.names[n - 1] for n in numbers]
    whole = {word for text in texts for word in WORD.findall(text.casefold())}
    prefixes = {word[:PREFIX] for word in whole}
    return Shown(frozenset[int]().union(*terms, *context), frozenset(whole), frozenset(prefixes))


def is_name(word: str, asked: Asked) -> bool:
    """A number, a name of code, or a word with a capital that does not merely begin a sentence."""
    if word in asked.names or IDENTIFIER.search(word):
        return True
    if not word[:1].isupper():
        return False
    return re.search(rf"[^\s.!?:¿¡][ \t]+[\"“'(]?{re.escape(word)}\b", asked.text) is not None


def is_rare(word: str) -> bool:
    """Whether the built-in tokens, which are the commonest words, lack it."""
    if len(word) < SHORTEST or not word.isalpha():
        return False
    return tokens.count(" " + word) > 1


def _unlike(words: Sequence[str], given: Material, embedder: Embedder | None) -> list[str]:
    """Those that no word of the passages is like."""
    if not words or embedder is None:
        return list(words)
    known = sorted({word for part in given.parts for word in WORD.findall(part.text.casefold())})
    if not known:
        return list(words)
    near = np.max(embedder.passages(known) @ embedder.queries(list(words)).T, axis=0)
    return [word for word, cosine in zip(words, near, strict=True) if cosine < RELATED]


def _together(words: Sequence[str], question: str) -> list[str]:
    """Words that stand side by side in the question as one."""
    joined: list[str] = []
    for word in words[:LIMIT]:
        if len(word) > SHOWN_CHARACTERS:
            joined.append(f"{word[:SHOWN_CHARACTERS]}…")
        elif joined and f"{joined[-1]} {word}" in question:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined
