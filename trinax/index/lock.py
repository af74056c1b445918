"""One owner per folder, across processes."""

from pathlib import Path

from filelock import FileLock, Timeout

from trinax.errors import FolderFailed, StoreLocked


class FolderLock:
    """Held from creation to close(), and given back by the system if the process dies."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreLocked if another owner, in this process or elsewhere, holds the folder, and
        FolderFailed."""
        self._lock = FileLock(folder / "lock", thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except Timeout as exc:
            raise StoreLocked("another trinax process") from exc
        except OSError as exc:
            reason = (exc.strerror or "unknown cause").lower()
            raise FolderFailed(f"Opening {folder.name!r}", reason) from exc

    def close(self) -> None:
        self._lock.release()
