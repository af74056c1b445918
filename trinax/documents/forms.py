"""Unicode's normal forms, at a cost that a text cannot choose."""

import re
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Marks in a row that are kept, as in the Stream-Safe Text Format (UAX #15, section 13); no writing
# needs more. unicodedata orders a row in the square of its length and holds the GIL meanwhile.
MARKS_LIMIT = 30
# A shorter text takes no time that matters.
SHORT_CHARACTERS = 2000
# Marks stand below it; to ask of every code point takes a third of a second.
MARKS_END = 0x20000


def nfkc(text: str) -> str:
    """Compatibility composed, without what stands beyond 30 marks in a row."""
    if text.isascii():
        return text
    if len(text) > SHORT_CHARACTERS and _has_long_row(text):
        text = _rows_of_marks().sub(r"\1", text)
    return unicodedata.normalize("NFKC", text)


def _has_long_row(text: str) -> bool:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    places = np.flatnonzero(_are_marks()[np.minimum(codes, MARKS_END)])
    return bool((places[MARKS_LIMIT:] - places[:-MARKS_LIMIT] == MARKS_LIMIT).any())


@cache
def _are_marks() -> NDArray[np.bool_]:
    """By code point, the last for all that follow."""
    return np.array([unicodedata.combining(chr(code)) > 0 for code in range(MARKS_END + 1)])


@cache
def _rows_of_marks() -> re.Pattern[str]:
    mark = f"[{''.join(map(chr, np.flatnonzero(_are_marks())))}]"
    return re.compile(f"({mark}{{{MARKS_LIMIT}}}){mark}+")
