"""Who else on this machine may read a file."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

# What trinax keeps is for its owner's eyes: chunks are the text of people's documents.
FOLDER = 0o700
MASK = 0o077


def open_to(path: Path) -> str:
    """ "everyone" or "its group" if they may read or change it, "" if only its owner may, or there
    is nothing. A folder counts as read if it can be entered."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if mode & stat.S_IRWXO:
        return "everyone"
    return "its group" if mode & stat.S_IRWXG else ""


def tighten(folder: Path, sparing: Path) -> list[Path]:
    """Take every right in a folder from all but the owner; gives what could not be changed.

    sparing: what lies there is left as it is. Links are left alone.
    """
    return [path for path in [folder, *_below(folder, sparing)] if not _tightened(path)]


def _below(folder: Path, sparing: Path) -> Iterator[Path]:
    for above, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(above, name) != sparing]
        yield from (Path(above, name) for name in (*folders, *files))


def _tightened(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
        if mode & MASK and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~MASK)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
