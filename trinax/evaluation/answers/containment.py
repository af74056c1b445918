"""Whether a text holds an answer string."""

import re
from collections.abc import Sequence

from trinax.documents.prose import sentence_starts

# Characters of scripts that do without spaces are words of their own.
UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff])")
SEPARATORS = re.compile(r"[\W_]+")
ARTICLES = re.compile(r"\b(?:a|an|the)\b")
# Up to a citation: a quotation may hold others. Bounded, for a text may be hostile.
QUOTATION = re.compile(r"“(.{1,4000}?)”(?=\s?\[\d)", re.DOTALL)


def normalised(text: str) -> str:
    """Words between single spaces, without case, punctuation and English articles.

    Source: the official SQuAD script, except that punctuation separates words, so that "5" is not
    found in "1957" and "12" is in "12-year".
    """
    words = SEPARATORS.sub(" ", UNSPACED.sub(r" \1 ", text.casefold()))
    return " ".join(ARTICLES.sub(" ", words).split())


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in the text, in whole words."""
    held = f" {normalised(text)} "
    # An answer of signs or articles alone ("%", "A") has no words left and is compared as it is.
    return any(
        f" {words} " in held if (words := normalised(answer)) else answer in text
        for answer in answers
    )


def first_quoted(text: str) -> str | None:
    """The first sentence of the first quotation; None without one."""
    found = QUOTATION.search(text)
    if not found:
        return None
    quoted = found[1]
    return quoted[: next(iter(sentence_starts(quoted)), len(quoted))]
