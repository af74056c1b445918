"""What a person at a terminal sees; colours and bars give way where output is piped."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]

# Indexed text may hold escape sequences that would drive the reader's terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
EXCERPT_LINES = 8
# Of a search that is explained: the columns of its table, and rows of what fell out, at most.
STAGES = ("bm25", "dense", "fused", "reranked")
DROPPED = 20
# Files left out that are named after indexing.
MISSED = 10
LEVEL_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}
# A rate over less time says little.
LEAST_RATE_S = 0.5
UNITS = ("B", "KB", "MB", "GB", "TB")


def plain(text: str) -> str:
    """Text without control characters other than tab and line feed."""
    return CONTROL.sub("", text)


def say(text: str = "", style: str = "", end: str = "\n") -> None:
    """Text as it is: no markup, no wrapping, no guessing at colours."""
    _console().print(Text(plain(text), style), end=end, soft_wrap=True)


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


def place(source: Row) -> str:
    """file:first-last, with the page where there is one."""
    lines = f"{source['start_line']}-{source['end_line']}"
    page = f" (page {source['page']})" if source.get("page") else ""
    return f"{source['collection_id']}/{source['file']}:{lines}{page}"


def show_hits(found: Row) -> None:
    for number, hit in enumerate(found["hits"], 1):
        say(f"{number:2}  {place(hit)}", "bold", end="")
        say(f"  {hit['score']:.2f}", "cyan")
        lines = hit["text"].strip("\n").splitlines()
        for line in lines[:EXCERPT_LINES]:
            say(f"    {line}")
        if len(lines) > EXCERPT_LINES:
            say(f"    … {len(lines) - EXCERPT_LINES} more lines", "dim")
        say()
    if not found["hits"]:
        say("Nothing matches.")
    if "dropped" in found:
        _show_explanations(found)


def _show_explanations(found: Row) -> None:
    """found: an answer of POST /v1/search that explains."""
    shown, dropped = found["hits"], found["dropped"]
    stages = _table("", "passage", *STAGES, "left out")
    words = _table("", "words, by what they add to bm25", "added when reranked", "copies")
    for number, hit in enumerate((*shown, *dropped[:DROPPED]), 1):
        label, explain = str(number) if number <= len(shown) else "–", hit["explain"]
        stood = (_stood(explain.get(stage)) for stage in STAGES)
        stages.add_row(label, *map(plain, (place(hit), *stood, explain.get("dropped", ""))))
        if number <= len(shown):
            parts = (_shares(explain.get(part, {})) for part in ("matched", "features"))
            words.add_row(label, *map(plain, (*parts, "; ".join(explain.get("copies", ())))))
    for table in (stages, words):
        if table.row_count:
            _console().print(table)
            say()
    if len(dropped) > DROPPED:
        say(f"{len(dropped) - DROPPED} more were left out; --json lists them.", "dim")
    for hit in shown[:1]:
        say(f"weights in fused: {_shares(hit['explain']['weights'])}", "dim")
    say(f"confidence that the collections know: {found['confidence']:.2f}", "dim")


def _stood(stage: Row | None) -> str:
    """Rank and score in a stage."""
    if stage is None or stage["score"] is None:
        return "–"
    return f"{stage['rank'] or '–'} {stage['score']:.2f}"


def _shares(shares: Row) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if share)


def show_sources(sources: Sequence[Row]) -> None:
    for source in sources:
        say(f"[{source['n']}] {place(source)}", "cyan")


def show_models(rows: Sequence[Row], folder: Path) -> None:
    table = _table("model", "kind", "size", "context", "roles", "")
    for row in rows:
        table.add_row(
            Text(row["id"], "bold"),
            row["kind"],
            size(row["size_bytes"]) if row["size_bytes"] else "built in",
            str(row["context_tokens"] or ""),
            ", ".join(row["roles"]),
            Text(row["problem"], "red"),
        )
    _console().print(table)
    say(f"GGUF files are looked for in {folder}", "dim")


def show_missing(profile: str, rows: Sequence[Row]) -> None:
    """rows: role, source and size_bytes of what the profile recommends and is not there."""
    if rows:
        say(f"Profile {profile} recommends for this machine, and is not there:", "dim")
    for row in rows:
        command = f"trinax models pull {row['role']}"
        say(f"  {command:27}  {row['source']}, {size(row['size_bytes'])}", "dim")


def show_model(row: Row) -> None:
    """A model with all that is known of it."""
    for key, value in row.items():
        if isinstance(value, Mapping):
            show_model(value)
        elif value not in ("", (), [], None, 0):
            label = re.sub(r"_(bytes|s)$", "", key).replace("_", " ")
            for number, text in enumerate(_told(key, value)):
                say("" if number else label, "dim", end=" " * (24 - len("" if number else label)))
                say(text)


def _told(key: str, value: Any) -> list[str]:
    if key.endswith("_bytes"):
        return [size(value)]
    if key == "created_s":
        return [time.strftime("%Y-%m-%d", time.localtime(value))]
    return list(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


def show_keys(rows: Sequence[Row]) -> None:
    table = _table("key", "begins", "scopes", "only", "plan", "expires", "last used")
    table.columns[1].no_wrap = True
    for row in rows:
        limits = (
            f"{each} {', '.join(row[each])}" for each in ("collections", "models") if row[each]
        )
        ended = row["state"] != "valid"
        table.add_row(
            Text(plain(row["name"]), "dim" if ended else "bold"),
            row["prefix"],
            ", ".join(row["scopes"]),
            "; ".join(limits),
            row["plan"],
            Text(row["state"], "red") if ended else (row["expires"] or "never")[:10],
            (row["last_used"] or "never")[:10],
        )
    _console().print(table)
    if not rows:
        say("There are no keys; `trinax keys create --name NAME` makes one.", "dim")


def show_collections(listed: Row, folder: Path) -> None:
    """listed: as GET /v1/collections gives it."""
    table = _table("collection", "state", "files", "failed", "chunks", "size")
    for row in listed["collections"]:
        files = row["files"]
        table.add_row(
            Text(row["id"], "bold"),
            row["state"],
            f"{files['indexed']} of {files['total']}",
            str(files["failed"] or ""),
            str(row["chunks"]),
            size(row["bytes"]),
        )
    _console().print(table)
    for row in (*listed["collections"], *listed["refused"]):
        for key in ("problem", "notice", "reason"):
            if row.get(key):
                say(f"{row.get('id') or row['folder']}: {row[key]}", "yellow")
    say(f"Each folder in {folder} is a collection.", "dim")


def show_collection(status: Row) -> None:
    """status: as GET …/status gives it."""
    files = status["files"]
    rows = {
        "state": status["state"],
        "problem": status["problem"],
        "notice": status["notice"],
        "files": f"{files['indexed']} of {files['total']}",
        "chunks": status["chunks"],
        "size": size(status["bytes"]),
    }
    say(status["id"], "bold")
    for name, value in rows.items():
        if value != "":
            say(f"{name:8}", "dim", end=" ")
            say(str(value))
    show_failures(status)
    for one in status["left_out"]:
        say(f"left out: {one['file']}: {one['reason']}", "dim")


def show_uploaded(taken: Row) -> None:
    for one in taken["files"]:
        say(f"{one['outcome']:9}  {one['file']}  {size(one['bytes'])}")
    _show_refused(taken)


def show_imported(taken: Row) -> None:
    say(
        f"{taken['id']}: {taken['added']} files added, {taken['replaced']} replaced,"
        f" {taken['unchanged']} as they were; {taken['vectors']} vectors came along."
    )
    _show_refused(taken)


def _show_refused(taken: Row) -> None:
    for one in taken["refused"]:
        say(f"refused: {one['file']}: {one['reason']}", "yellow")


def show_failures(status: Row) -> None:
    for failure in status["failures"]:
        say(f"not read: {failure['file']}: {failure['reason']}", "yellow")


def show_missed(status: Row) -> None:
    """What is left out and may be looked for in vain."""
    for one in status["left_out"][: min(status["missed"], MISSED)]:
        say(f"left out: {one['file']}: {one['reason']}", "dim")
    if status["missed"] > MISSED:
        say(f"left out: {status['missed'] - MISSED} more; trinax doctor PATH says why", "dim")


def show_checks(found: Sequence[Row]) -> None:
    width = max(len(check["name"]) for check in found)
    for check in found:
        say(f"{check['level']:4}", LEVEL_STYLES[check["level"]], end="  ")
        say(f"{check['name']:{width}}  {check['message']}")
        if check["advice"]:
            say(f"{'':{width + 8}}→ {check['advice']}")


def show_rows(rows: Sequence[Row]) -> None:
    """Any rows with the same keys."""
    if not rows:
        return
    table = _table(*rows[0])
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    _console().print(table)


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


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(part)}" for key, part in value.items() if part is not None)
    return f"{value:.3f}" if isinstance(value, float) else plain(str(value))


def _console(stderr: bool = False) -> Console:
    # Made anew for each use: stdout may be another one by now, in tests for one.
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
