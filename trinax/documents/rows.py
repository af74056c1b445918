"""Tables of separated values by their records."""

import re
from bisect import bisect_right

from trinax.documents import lines
from trinax.documents.packing import Block, Lead, Outline
from trinax.documents.tables import header

QUOTED = re.compile(r"(?:\A|(?<=[\r\n,;\t|]))\"(?:[^\"]|\"\")*+\"(?=[ \t]*[\r\n,;\t|]|\Z)")
# A quotation of more lines than that was never meant to be one.
QUOTED_LINES = 200
SEPARATORS = "\t;|,"
NUMBER = re.compile(r"\s*[-+]?[\d.,]+(?:e[-+]?\d+)?%?\s*\Z", re.IGNORECASE)
ROW = 0.0


def outline(text: str) -> Outline:
    """The records, of which the first names the columns unless a cell of it is a number."""
    quotations = [match.span() for match in QUOTED.finditer(text)]
    within = [
        (start, end)
        for start, end in quotations
        if 0 < text.count("\n", start, end) + text.count("\r", start, end) <= QUOTED_LINES
    ]
    firsts = [start for start, _ in within]
    borders = {}
    for start in lines.borders(text):
        before = bisect_right(firsts, start) - 1
        if before < 0 or start >= within[before][1]:
            borders[start] = ROW
    return Outline((Block(0, len(text)),), borders, leads=_leads(text, list(borders)))


def _leads(text: str, starts: list[int]) -> tuple[Lead, ...]:
    if len(starts) < 2:
        return ()
    first = text[starts[0] : starts[1]].strip("\r\n")
    separator = max(SEPARATORS, key=first.count)
    cells = [cell.strip().strip('"') for cell in first.split(separator)]
    if len(cells) < 2 or not all(cells[:1]) or any(map(NUMBER.match, cells)):
        return ()
    return (Lead(starts[1], len(text), header(cells)),)
