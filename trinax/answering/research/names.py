"""Names that stand in a text: capitalised words in a row, and what stands in quotes."""

import re
from typing import NamedTuple

from trinax.index.stopwords import STOPWORDS

# A longer row is a table or a list.
LONGEST_WORDS = 5

_WORD = r"[A-Z\u00c0-\u00de\u0391-\u042f][\w'’\-]{0,40}"
_LINK = r"(?:(?:of|the|de|del|du|da|do|la|von|van|der|and|&)[ ]){0,2}"
_CAPITALISED = re.compile(rf"\b{_WORD}(?:[ ]{_LINK}(?:{_WORD}|[A-Z]\.|\d{{1,4}}\b)){{0,9}}")
_QUOTED = re.compile('["“«„「『《]([^"“”«»„「」『』《》\n]{2,60})["”»“」』》]')
STOPS = frozenset[str]().union(*STOPWORDS.values())


class Name(NamedTuple):
    """start: its first character's place in the text."""

    text: str
    start: int


def names(text: str) -> list[Name]:
    """In the order of the text; the stop words that a sentence begins with are no part of them."""
    found = [Name(match[1].strip(), match.start(1)) for match in _QUOTED.finditer(text)]
    for match in _CAPITALISED.finditer(text):
        words = match[0].split()
        while words and words[0].casefold() in STOPS:
            words.pop(0)
        if words and len(words) <= LONGEST_WORDS and len(" ".join(words)) > 2:
            start = match.start() + match[0].index(words[0])
            found.append(Name(" ".join(words), start))
    return sorted(found, key=lambda name: name.start)


def named(question: str) -> bool:
    """Whether a question names someone or something: what passages of other documents share."""
    inside = [name for name in names(question) if name.start > 0 or " " in name.text]
    return any(any(map(str.islower, name.text)) or not name.text.isascii() for name in inside)
