"""Files of a hub in the models folder: seen there only when they are whole."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from trinax.errors import DownloadFailed
from trinax.models.pull.choice import RemoteFile

PARTIALS = ".pull"  # the folder in the models folder; the catalogue finds no *.gguf in it
DIGITS = 16  # of the checksum in a partial file's name
RESERVE_BYTES = 200_000_000  # left free on the disk
READ_BYTES = 1 << 20

Sink = Callable[[int], None]  # told how many bytes are there


# Completes a partial file, and tells the sink on the way. Raises DownloadFailed.
Fetch = Callable[[RemoteFile, Path, Sink], None]


def download(fetch: Fetch, files: Sequence[RemoteFile], folder: Path, sink: Sink) -> list[Path]:
    """The files in the folder, each verified against its checksum; none appears before all are
    whole. What an interrupted download has brought is used by the next one.

    sink: told of all files together. Raises DownloadFailed.
    """
    partials = folder / PARTIALS
    partials.mkdir(parents=True, exist_ok=True)
    with ExitStack() as locks:
        for file in files:
            locks.enter_context(_alone(partials, file))
        missing = [file for file in files if not _is_there(folder / _safe_name(file), file)]
        _check_space(folder, missing)
        done = sum(file.size_bytes for file in files) - sum(file.size_bytes for file in missing)
        for file in missing:
            _complete(fetch, file, _partial(partials, file), _after(done, sink))
            done += file.size_bytes
        for file in missing:
            os.replace(_partial(partials, file), folder / file.name)
        _tidy(partials, files)
    with suppress(OSError):  # another download has its files there
        partials.rmdir()
    return [folder / file.name for file in files]


def _complete(fetch: Fetch, file: RemoteFile, partial: Path, sink: Sink) -> None:
    fetch(file, partial, sink)
    if not _matches(partial, file):
        partial.unlink()
        raise DownloadFailed(
            file.name, "its checksum is not the one that the hub names; try again later"
        )
    with partial.open("rb+") as content:
        os.fsync(content.fileno())


def _after(done: int, sink: Sink) -> Sink:
    return lambda held: sink(done + held)


def _is_there(target: Path, file: RemoteFile) -> bool:
    if not target.exists():
        return False
    if _matches(target, file):
        return True
    raise DownloadFailed(
        file.name,
        "the models folder has another file of that name; remove it first (trinax models remove)",
    )


def _matches(path: Path, file: RemoteFile) -> bool:
    if path.stat().st_size != file.size_bytes:
        return False
    # Small files lie in git itself, which hashes a header before the content.
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(b"blob %d\0" % file.size_bytes)
    with path.open("rb") as content:
        while data := content.read(READ_BYTES):
            digest.update(data)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _check_space(folder: Path, missing: Sequence[RemoteFile]) -> None:
    held = [_partial(folder / PARTIALS, file) for file in missing]
    needed = sum(file.size_bytes for file in missing)
    needed -= sum(partial.stat().st_size for partial in held if partial.exists())
    free = shutil.disk_usage(folder).free
    if needed + RESERVE_BYTES > free:
        raise DownloadFailed(
            missing[0].name,
            f"the disk of the models folder has {free / 1e9:.1f} GB free and "
            f"{needed / 1e9:.1f} GB are still to come",
        )


def _safe_name(file: RemoteFile) -> str:
    """A hub names the file, so the name is not to be trusted."""
    if not file.name or file.name.startswith(".") or set(file.name) & set('\\:*?"<>|\0'):
        raise DownloadFailed(file.path, "its name cannot be that of a file here")
    return file.name


def _partial(partials: Path, file: RemoteFile) -> Path:
    checksum = (file.sha256 or file.blob)[:DIGITS]
    return partials / f"{_safe_name(file)}.{checksum}.part"


@contextmanager
def _alone(partials: Path, file: RemoteFile) -> Iterator[None]:
    lock = FileLock(partials / f"{_safe_name(file)}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as exc:
        raise DownloadFailed(file.name, "another process is downloading it") from exc
    try:
        yield
    finally:
        lock.release()


def _tidy(partials: Path, files: Sequence[RemoteFile]) -> None:
    """Remove what earlier versions of the files have left, and the locks."""
    for file in files:
        name = _safe_name(file)
        for left in partials.iterdir():
            if left.name == f"{name}.lock" or (
                left.name.startswith(f"{name}.") and left.suffix == ".part"
            ):
                left.unlink(missing_ok=True)
