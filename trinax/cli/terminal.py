"""What a person at a terminal sees; colours and bars give way where output is piped."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.style import Style
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]
# A text, or a text and its style.
Cell = str | tuple[str, str]

# Indexed text may hold escape sequences that would drive the reader's terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A rate over less time says little.
LEAST_RATE_S = 0.5
# Of a line of a table in a pipe.
UNFOLDED_CHARACTERS = 100_000
UNITS = ("B", "KB", "MB", "GB", "TB")


def plain(text: str) -> str:
    """Text without control characters other than tab and line feed."""
    return CONTROL.sub("", text)


def say(text: str = "", style: str = "", end: str = "\n", link: str = "") -> None:
    """Text as it is: no markup, no wrapping, no guessing at colours. link: what a click opens."""
    linked = Style.parse(style) + Style(link=plain(link) or None)
    _console().print(Text(plain(text), linked), end=end, soft_wrap=True)


def note(text: str) -> None:
    """To stderr, so that stdout stays what was asked for."""
    _console(stderr=True).print(Text(plain(text), "dim"), soft_wrap=True)


def size(size_bytes: int) -> str:
    """1 500 000 → "1.5 MB"."""
    value, unit = float(size_bytes), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return (
        f"{value:.0f} {UNITS[unit]}" if unit == 0 or value >= 99.5 else f"{value:.1f} {UNITS[unit]}"
    )


class Bar:
    """The progress of one collection; shown only on a terminal."""

    def __init__(self, progress: Progress, collection: str) -> None:
        self._progress = progress
        self._task = progress.add_task(collection, total=None, left="")
        self._began: tuple[float, int] | None = None

    def show(self, status: Row) -> None:
        """status: as GET …/status gives it."""
        files, eta, failed = status["files"], status["eta_s"], status["files"]["failed"]
        done = files["total"] - status["queue"]["files"]
        parts = [
            self._rate(status["chunks"]),
            "" if eta is None else f"about {eta:.0f} s left",
            f"{failed} not read" if failed else "",
        ]
        total = files["total"] or None
        left = ", ".join(filter(None, parts))
        self._progress.update(self._task, completed=done, total=total, left=left)

    def _rate(self, chunks: int) -> str:
        now_s = time.monotonic()
        if self._began is None:
            self._began = now_s, chunks
        began_s, before = self._began
        if now_s - began_s < LEAST_RATE_S or chunks <= before:
            return ""
        return f"{(chunks - before) / (now_s - began_s):.0f} chunks/s"


@contextmanager
def bar(collection: str) -> Iterator[Bar]:
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:.0f} files"),
        TextColumn("{task.fields[left]}"),
        console=_console(stderr=True),
        transient=True,
        disable=not _console(stderr=True).is_terminal,
    )
    with progress:
        yield Bar(progress, collection)


@contextmanager
def transfer(name: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """What it gives is told how many bytes are there; shown only on a terminal."""
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=_console(stderr=True),
        transient=True,
        disable=not _console(stderr=True).is_terminal,
    )
    with progress:
        task = progress.add_task(plain(name), total=total_bytes or None)
        yield lambda held: progress.update(task, completed=held)


@contextmanager
def counted(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """What it gives is told how many are done; shown only on a terminal."""
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_console(stderr=True),
        transient=True,
        disable=not _console(stderr=True).is_terminal,
    )
    with progress:
        task = progress.add_task(plain(name), total=total or None)
        yield lambda done: progress.update(task, completed=done)


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], whole: Sequence[str] = ()
) -> None:
    """Columns as wide as they need; what no terminal shows is not folded, for programs to read.

    whole: columns that never are.
    """
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in rows:
        table.add_row(*(_cell(*((cell, "") if isinstance(cell, str) else cell)) for cell in row))
    console = _console()
    if not console.is_terminal:
        console.width = UNFOLDED_CHARACTERS
    console.print(table)


@contextmanager
def waiting(text: str) -> Iterator[Callable[[], None]]:
    """A sign of life until what it gives is called; shown only on a terminal."""
    console = _console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    with console.status(Text(text, "dim"), spinner="dots") as status:
        yield status.stop


def _cell(text: str, style: str) -> Text:
    return Text(plain(text), style)


def _console(stderr: bool = False) -> Console:
    # Made anew for each use: stdout may be another one by now, in tests for one.
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
