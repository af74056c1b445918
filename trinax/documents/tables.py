"""Tables whose cells stand between bars, one row a line."""

import re
from collections.abc import Sequence

from trinax.documents.packing import Lead
from trinax.documents.positions import line_starts_with

LINE_END = r"(?:\r\n|\n|\r)"
# Rows that begin with a bar, or three and more that have one between blanks: two such lines may
# be commands of a shell.
BARRED = line_starts_with(rf"((?:[ \t]{{0,3}}\|[^\r\n]*(?:{LINE_END}|\Z)){{2,}})")
BETWEEN = line_starts_with(rf"((?:[^|\r\n]*[ \t]\|[ \t][^\r\n]*(?:{LINE_END}|\Z)){{3,}})")
RULE = re.compile(r"[\s|:+=-]*\Z")
HEADER_CHARACTERS = 200


def tables(text: str) -> list[tuple[int, int]]:
    """Where they are, half open, in order."""
    if "|" not in text:
        return []
    found = [_span(match) for match in BARRED(text)]
    if " | " in text or "\t|" in text or "|\t" in text:
        taken = {start for start, _ in found}
        between = map(_span, BETWEEN(text))
        found.extend(span for span in between if span[0] not in taken)
    return sorted(found)


def lead(text: str, table: tuple[int, int]) -> Lead:
    """What the later rows of a table must not lose: its header."""
    start, end = table
    first, *rest = text[start:end].splitlines(keepends=True)
    rule = len(rest[0]) if rest and RULE.match(rest[0]) else 0
    return Lead(start + len(first) + rule, end, header(first.strip().strip("|").split("|")))


def header(cells: Sequence[str]) -> str:
    """Names of columns as one line."""
    return " | ".join(" ".join(cell.split()) for cell in cells)[:HEADER_CHARACTERS].rstrip(" |")


def _span(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), match.start() + len(match[1])
