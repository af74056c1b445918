"""Phrases that a question puts in quotation marks, word for word."""

import re
from collections.abc import Sequence

# An apostrophe is no mark. Two characters at least: `"` also stands for inches.
MARKED = re.compile(
    r'"([^"\n]{2,200})"|\u201c([^\u201c\u201d\n]{2,200})\u201d|\u201e([^\u201e\u201c\u201d\n]{2,200})[\u201c\u201d]'
    r"|\u00ab([^\u00ab\u00bb\n]{2,200})\u00bb|\u300c([^\u300c\u300d\n]{2,200})\u300d"
)


def phrases(question: str) -> list[str]:
    """Each quoted phrase once, as flat() gives it; blank ones left out."""
    found = (flat("".join(filter(None, match.groups()))) for match in MARKED.finditer(question))
    return list(dict.fromkeys(filter(None, found)))


def shares(phrases: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Share of the phrases, of which there is one at least, that stand in each text."""
    held = map(flat, texts)
    return [sum(phrase in text for phrase in phrases) / len(phrases) for text in held]


def flat(text: str) -> str:
    """Casefolded, with a blank for any white space."""
    return " ".join(text.casefold().split())
