"""What is around every call of an engine that works in this process."""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trinax.errors import FolderFailed, StorageFull, StoreFailed, TrinaxError

log = logging.getLogger(__name__)

# On the disk, before anything is written: far more than one write takes.
ROOM_BYTES = 64_000_000


@contextmanager
def translated(collection: str) -> Iterator[None]:
    """The engine raises plain Exception, and its PanicException is not even one of those."""
    try:
        yield
    except TrinaxError:
        raise
    except BaseException as exc:
        if not isinstance(exc, Exception) and type(exc).__name__ != "PanicException":
            raise
        log.error("Qdrant Edge, collection %s: %s", collection, exc)
        raise StoreFailed(collection, "the engine gave up; the log says why") from exc


def ensure_writable(folder: Path, collection: str) -> None:
    """Raises StorageFull and FolderFailed."""
    what = f"Writing the index of collection {collection!r}"
    # The engine writes through memory: where the disk has no room for that, the system ends the
    # process.
    if shutil.disk_usage(folder).free < ROOM_BYTES:
        raise StorageFull(what)
    # It would find out when it saves, with all of it in memory by then.
    if not os.access(folder, os.W_OK):
        raise FolderFailed(what, "it may only be read")
