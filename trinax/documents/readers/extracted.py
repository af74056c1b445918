"""What a reader gets out of a file that is no text, and how it puts it into Markdown's shape."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PAGE_BREAK = "\n\n"

BACKTICKS = re.compile(r"`{3,}")

# Lines that stand close to their like: list items and rows of a table.
ITEM = re.compile(r" *- ")
ROW = re.compile(r"\| ")
BAR = "\\|"


@dataclass(frozen=True, slots=True)
class Extracted:
    """text: headings as "# ", list items as "- ", code fenced, a table's rows between bars.

    title: from the metadata, "" without one.
    pages: character offset in text at which each page or slide starts.
    missing: what of the file is not in text and why, as a clause; "" if all of it is.
    """

    text: str
    title: str = ""
    pages: tuple[int, ...] = ()
    missing: str = ""


def paged(pages: Sequence[str], title: str = "", missing: str = "") -> Extracted:
    """Pages one after another; those without text keep their number."""
    offsets: list[int] = []
    position = 0
    for page in pages:
        offsets.append(position)
        position += len(page) + len(PAGE_BREAK)
    return Extracted(PAGE_BREAK.join(pages), title, tuple(offsets), missing)


def shaped(lines: Iterable[str]) -> str:
    """Lines as Markdown: items and rows close together, a blank line between all else."""
    pieces: list[str] = []
    before = ""
    for line in lines:
        if not line.strip():
            before = ""
            continue
        if pieces:
            close = any(like.match(before) and like.match(line) for like in (ITEM, ROW))
            pieces.append("\n" if close else "\n\n")
        pieces.append(line)
        before = line
    return "".join(pieces)


def row(cells: Iterable[str]) -> str:
    """A table's row; a cell is on one line, and a bar in it does not end it."""
    return f"| {' | '.join(words(cell).replace('|', BAR) for cell in cells)} |"


def fenced(code: str, language: str = "") -> str:
    """Code between lines of more backticks than it has in a row."""
    longest = max(map(len, BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    code = code.strip("\n")
    return f"{fence}{language}\n{code}\n{fence}"


def words(text: str) -> str:
    """On one line, with single blanks."""
    return " ".join(text.split())
