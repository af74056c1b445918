"""Models, keys, collections and checks as a person at a terminal sees them."""

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trinax.cli.terminal import Cell, Row, note, say, show_table, size

# Files left out that are named after indexing.
MISSED = 10
LEVEL_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}
FIRST_COLLECTION = "There is no collection yet; `trinax index PATH` adds a folder where it is."


def show_models(rows: Sequence[Row], folder: Path) -> None:
    show_table(("model", "kind", "size", "context", "roles", ""), map(_model, rows))
    note(f"GGUF files are looked for in {folder}")


def _model(row: Row) -> Sequence[Cell]:
    return (
        (row["id"], "bold"),
        row["kind"],
        size(row["size_bytes"]) if row["size_bytes"] else "built in",
        str(row["context_tokens"] or ""),
        ", ".join(row["roles"]),
        (row["problem"], "red"),
    )


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
    if not rows:
        note("There are no keys; `trinax keys create --name NAME` makes one.")
        return
    columns = ("key", "begins", "scopes", "only", "plan", "expires", "last used")
    show_table(columns, map(_key, rows), whole=("begins",))


def _key(row: Row) -> Sequence[Cell]:
    limits = (f"{each} {', '.join(row[each])}" for each in ("collections", "models") if row[each])
    ended = row["state"] != "valid"
    return (
        (row["name"], "dim" if ended else "bold"),
        row["prefix"],
        ", ".join(row["scopes"]),
        "; ".join(limits),
        row["plan"],
        (row["state"], "red") if ended else (row["expires"] or "never")[:10],
        (row["last_used"] or "never")[:10],
    )


def show_collections(listed: Row, folder: Path) -> None:
    """listed: as GET /v1/collections gives it."""
    if listed["collections"]:
        columns = ("collection", "state", "files", "failed", "chunks", "size")
        show_table(columns, map(_collection, listed["collections"]))
    else:
        note(FIRST_COLLECTION)
    for row in (*listed["collections"], *listed["refused"]):
        for key in ("problem", "notice", "reason"):
            if row.get(key):
                say(f"{row.get('id') or row['folder']}: {row[key]}", "yellow")
    note(f"Each folder in {folder} is a collection.")


def _collection(row: Row) -> Sequence[Cell]:
    files = row["files"]
    return (
        (row["id"], "bold"),
        row["state"],
        f"{files['indexed']} of {files['total']}",
        str(files["failed"] or ""),
        str(row["chunks"]),
        size(row["bytes"]),
    )


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
