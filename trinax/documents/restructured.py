"""reStructuredText's headings."""

import re

from trinax.documents import prose
from trinax.documents.headings import Heading, sections
from trinax.documents.packing import Outline

RULE = r"([=\-`:.'\"~^_*+#])\{}{{2,}}[ \t]*"
LINE_END = r"(?:\r\n|\n|\r)"
HEADING = re.compile(
    rf"(?:\A|(?<=[\r\n]))(?:{RULE.format(1)}{LINE_END}[ \t]*)?"
    rf"(\S[^\r\n]*){LINE_END}{RULE.format(3)}(?=[\r\n]|\Z)"
)
TITLE_CHARACTERS = 120


def outline(text: str) -> Outline:
    """The sections of a reStructuredText document."""
    return Outline((sections(headings(text), len(text)),), prose.borders(text))


def headings(text: str) -> list[Heading]:
    """The headings in order. A style's level is the order in which it first appears."""
    styles: list[tuple[str, bool]] = []
    found: list[Heading] = []
    for match in HEADING.finditer(text):
        over, title, under = match[1], match[2].strip(), match[3]
        if not any(character.isalnum() for character in title) or (over and over != under):
            continue
        style = (under, bool(over))
        if style not in styles:
            styles.append(style)
        found.append(Heading(match.start(), styles.index(style) + 1, title[:TITLE_CHARACTERS]))
    return found


def title(text: str) -> str:
    """The first heading; "" without any."""
    match = headings(text)
    return match[0].title if match else ""
