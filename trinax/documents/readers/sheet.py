"""Excel and OpenDocument sheets, by calamine."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO

from trinax.documents.readers import opendocument, openxml
from trinax.documents.readers.archive import Archive
from trinax.documents.readers.extracted import Extracted, row, shaped, words
from trinax.errors import UnreadableDocument

WHAT = "a sheet"

ZIPPED = b"PK"

# calamine keeps a place for every cell between the first and the last: 24 bytes each.
CELLS_LIMIT = 20_000_000
ROW_NUMBER = re.compile(rb'<(?:\w+:)?row [^>]{0,200}?\br="(\d{1,9})"')
COLUMN = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?\br="([A-Z]{1,3})\d')

# What Excel shows and stores to: 0.1 + 0.2 is 0.3.
DIGITS = 15

Cell = int | float | str | bool | date | datetime | time | timedelta


def extracted(data: bytes) -> Extracted:
    """Every sheet's name as a heading, and its rows. Raises UnreadableDocument."""
    title = ""
    if data.startswith(ZIPPED):
        parts = Archive(data, WHAT)
        title = openxml.title(parts) or opendocument.title(parts)
        for name in parts.names():
            if name.endswith(".xml"):
                _check(parts.part(name))
    return Extracted(shaped(_lines(data)), title)


def _check(xml: bytes) -> None:
    rows = max(map(int, ROW_NUMBER.findall(xml)), default=0)
    columns = max(map(_number, {*COLUMN.findall(xml)}), default=0)
    if rows * columns > CELLS_LIMIT:
        raise UnreadableDocument(f"a sheet of {rows} × {columns} cells is too large")


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _lines(data: bytes) -> Iterator[str]:
    for name, lines in _sheets(data):
        if any(lines):
            yield f"# {words(name)}"
            yield from lines


def _sheets(data: bytes) -> list[tuple[str, list[str]]]:
    # Not for a process that reads no sheet.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    try:
        with CalamineWorkbook.from_object(BytesIO(data)) as book:
            return [
                (
                    about.name,
                    [_line(cells) for cells in book.get_sheet_by_name(about.name).iter_rows()],
                )
                for about in book.sheets_metadata
                if about.typ is SheetTypeEnum.WorkSheet
            ]
    except BaseException as exc:
        # Its panics derive from BaseException alone.
        if not isinstance(exc, CalamineError) and type(exc).__name__ != "PanicException":
            raise
        locked = isinstance(exc, PasswordError) or openxml.ENCRYPTED in data
        state = "needs a password" if locked else "is broken"
        raise UnreadableDocument(f"{WHAT} that {state}") from exc


def _line(cells: Iterable[Cell]) -> str:
    """A row without words is "", which divides two tables."""
    shown = [_shown(cell) for cell in cells]
    while shown and not shown[-1]:
        shown.pop()
    return row(shown) if shown else ""


def _shown(cell: Cell) -> str:
    match cell:
        case bool():
            return str(cell).upper()
        case float():
            return format(cell, f".{DIGITS}g")
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell).strip()
