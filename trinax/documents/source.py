"""Source code as nested definitions."""

import numpy as np

from trinax.documents import lines, statements
from trinax.documents.packing import Outline
from trinax.documents.regions import Definition, nested
from trinax.documents.syntax import GRAMMARS, definitions

# How a line begins that belongs to the definition right below it.
LEADING = ("//", "/*", "*", "@", "[", "template")
LEADING_HASH = ("#", *LEADING)
LEADING_SQL = ("--", "#", "/*", "*")
KINDS = {*GRAMMARS, "sql"}
DIRECTIVE_KINDS = {"c", "cpp", "csharp"}  # "#" begins a directive there, no comment


def outline(text: str, kind: str) -> Outline:
    """The definitions of a source text, comments and decorators above them included."""
    if kind == "sql":
        return nested(text, lines.borders(text), statements.definitions(text), LEADING_SQL)
    leading = LEADING if kind in DIRECTIVE_KINDS else LEADING_HASH
    found = _in_characters(text, definitions(kind, text.encode()))
    return nested(text, lines.borders(text), found, leading)


def _in_characters(text: str, found: list[Definition]) -> list[Definition]:
    """Byte offsets, as syntax.py gives them, turned into character offsets."""
    if text.isascii():
        return found
    encoded = np.frombuffer(text.encode(), np.uint8)
    before = np.concatenate(([0], np.cumsum((encoded & 0xC0) != 0x80)))
    return [Definition(int(before[one.start]), int(before[one.end]), one.name) for one in found]
