"""The folder of an edge store: the shard that serves, and the one that is built beside it.

store.json names the one and what it was made with, next.json the other. Renaming next.json to
store.json is the whole switch: before it the old shard serves after a crash, after it the new one.
A shard that neither file names is what a crash has left, and is removed at the next opening.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trinax.index import sparse
from trinax.index.identity import Identity

SERVING = "store.json"
BEGUN = "next.json"
SHARD = re.compile(r"shard(-\d+)?")
# Then a number; what is set aside stays until a person removes it.
CORRUPT = ".corrupt-"


@dataclass(frozen=True, slots=True)
class Place:
    """A shard's folder, there or not, and what it was made with, as it was read from disk."""

    shard: Path
    made_with: Mapping[str, Any]


def serving(folder: Path) -> Place | None:
    return _read(folder / SERVING)


def begun(folder: Path) -> Place | None:
    return _read(folder / BEGUN)


def free(folder: Path) -> Path:
    """Where a shard can be made."""
    n = 1
    while (path := folder / ("shard" if n == 1 else f"shard-{n}")).exists():
        n += 1
    return path


def begin(folder: Path, shard: Path, made_with: Identity) -> None:
    """Say that this shard is built. Called last, so that a half-made one is never taken for it."""
    file = folder / BEGUN
    partial = file.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as content:
        json.dump({**made_with, "shard": shard.name}, content)
        content.flush()
        os.fsync(content.fileno())
    os.replace(partial, file)


def switch(folder: Path) -> None:
    """The shard that is built serves from now on; on disk when this returns."""
    os.replace(folder / BEGUN, folder / SERVING)
    sync(folder)


def forget(folder: Path) -> None:
    """No shard is built any more."""
    if (file := folder / BEGUN).exists():
        file.unlink()
        sync(folder)


def sweep(folder: Path, keep: Path | None) -> None:
    """Remove every shard but this one; those set aside stay."""
    for path in folder.iterdir():
        if SHARD.fullmatch(path.name) and path != keep:
            shutil.rmtree(path, ignore_errors=True)


def needed(folder: Path) -> list[Path]:
    """All that an opening would look at."""
    found = ((folder / SERVING, serving(folder)), (folder / BEGUN, begun(folder)))
    paths = (path for file, place in found if place for path in (file, place.shard))
    return [path for path in dict.fromkeys(paths) if path.exists()]


def copy(folder: Path, to: Path) -> None:
    """All that is needed; nobody may write it meanwhile. Raises OSError."""
    to.mkdir(parents=True)
    for path in needed(folder):
        (sparse.copy_tree if path.is_dir() else sparse.copy)(path, to / path.name)


def aside(shard: Path) -> Path:
    """Rename a corrupt shard, out of the way."""
    n = 1
    while (path := shard.with_name(f"{shard.name}{CORRUPT}{n}")).exists():
        n += 1
    return shard.rename(path)


def set_aside(folder: Path) -> list[str]:
    """Names of what aside() has put there, sorted."""
    return sorted(path.name for path in folder.iterdir() if CORRUPT in path.name)


def _read(file: Path) -> Place | None:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict):
        return None
    name = kept.get("shard")
    named = isinstance(name, str) and SHARD.fullmatch(name)
    return Place(file.with_name(str(name) if named else "shard"), kept)


def sync(folder: Path) -> None:
    """Put the folder's names on disk, where that can be asked for."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
