"""A shard's list of files, beside it for as long as nothing writes.

Asking the engine for it takes a second for a million chunks, and reads one page of the disk for
each file.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

from trinax.index import places
from trinax.index.records import FileSummary

NAME = "files.json"


def keep(folder: Path, files: Iterable[FileSummary]) -> None:
    """Say what the shard in a folder holds; the last that is done to it. Raises OSError."""
    partial = folder / f"{NAME}.partial"
    with partial.open("w", encoding="utf-8") as content:
        json.dump([astuple(one) for one in files], content)
        content.flush()
        os.fsync(content.fileno())
    os.replace(partial, folder / NAME)


def kept(folder: Path) -> dict[str, FileSummary] | None:
    """Every file by name; None where that is not known."""
    try:
        rows = json.loads((folder / NAME).read_text("utf-8"))
        return {
            str(file): FileSummary(str(file), int(chunks), int(size), float(mtime), str(preview))
            for file, chunks, size, mtime, preview in rows
        }
    except (OSError, ValueError, TypeError):
        return None


def forget(folder: Path) -> None:
    """Before anything is written; on disk when this returns. Raises OSError."""
    if (file := folder / NAME).exists():
        file.unlink()
        places.sync(folder)
