"""Opens files inside a folder that nothing may lead out of."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# A link does not open, and a pipe or a device does not wait for someone to write.
SAFE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies. folder: absolute. path: below it, with "/" between parts."""

    folder: Path
    path: str


def opened(place: Place) -> BinaryIO:
    """The file's bytes. Every part of the path is opened from the one before it, and none may be a
    link: who swaps one meanwhile can make this fail, and no more.

    Raises OSError.
    """
    above, _, name = place.path.rpartition("/")
    with entered(place.folder, above) as folder:
        file = os.open(_sound(name), SAFE, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "Not a regular file")
        return os.fdopen(file, "rb")
    except BaseException:
        os.close(file)
        raise


def is_file(place: Place) -> bool:
    """Whether a regular file lies there, no link."""
    above, _, name = place.path.rpartition("/")
    try:
        with entered(place.folder, above) as folder:
            found = os.stat(_sound(name), dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode)


@contextmanager
def entered(folder: Path, path: str) -> Iterator[int]:
    """The descriptor of a folder that lies below another, "" for that one itself.

    Raises OSError.
    """
    descriptor = os.open(folder, SAFE | os.O_DIRECTORY)
    try:
        for part in filter(None, path.split("/")):
            inner = os.open(_sound(part), SAFE | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _sound(part: str) -> str:
    if part in ("", ".", "..") or "/" in part or "\0" in part:
        raise OSError(errno.EINVAL, "No name of a file")
    return part
