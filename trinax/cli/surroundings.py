"""What the machine gives trinax, checked: room, rights, watches, open files, a clock."""

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import trinax
from trinax.cli.checks import Check
from trinax.cli.terminal import size
from trinax.settings import Settings

if sys.platform != "win32":
    import resource

# Below the first nothing can be indexed for long, below the second a model hardly fits beside it.
LEAST_FREE_BYTES = 100_000_000
LITTLE_FREE_BYTES = 1_000_000_000
BLOCK_BYTES = 512
# Of inotify(7); a folder with all below it takes one watch a folder.
INOTIFY = Path("/proc/sys/fs/inotify")
MORE_WATCHES = 524_288
# More are not counted: whoever has so many has raised the limit before.
MOST_FOLDERS = 2_000_000
# A server's own beside its connections: stores, the ledger, watches, models.
OWN_FILES = 200
DAY_S = 86_400


def surroundings(settings: Settings, folders: Iterable[Path]) -> Iterator[Check]:
    """folders: those that are watched."""
    yield room(settings.data_dir)
    yield from strangers(settings.data_dir)
    yield from unreadable(folders)
    yield from watches(folders, INOTIFY)
    yield from open_files(settings.server.connections)
    yield from clock(time.time())


def room(data_dir: Path) -> Check:
    """Compaction and another model's index are made beside the index that serves."""
    existing = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    index_bytes = _size_bytes(data_dir / "index")
    message = f"{size(free_bytes)} free for {data_dir}"
    advice = "free some, or choose another with --data-dir"
    if free_bytes < LEAST_FREE_BYTES:
        return Check("disk", "fail", message, advice)
    if free_bytes < max(LITTLE_FREE_BYTES, index_bytes):
        needed = f"; the index of {size(index_bytes)} is made compact beside itself"
        return Check("disk", "warn", message + needed * bool(index_bytes), advice)
    return Check("disk", "ok", message)


def strangers(data_dir: Path) -> Iterator[Check]:
    """What another user left there, as one `sudo trinax` does."""
    found = [path for path in _entries(data_dir) if not os.access(path, os.W_OK)]
    if found:
        message = f"{found[0]} is not writable for this user"
        message += f", and {len(found) - 1} more" * (len(found) > 1)
        user = f"{os.getuid()}:{os.getgid()}" if sys.platform != "win32" else "you"
        advice = f"run trinax as the user who owns it, or: sudo chown -R {user} {data_dir}"
        yield Check("data folder", "fail", message, advice)


def unreadable(folders: Iterable[Path]) -> Iterator[Check]:
    for folder in folders:
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            advice = f"chmod u+rX {folder}, or run trinax as a user who may read it"
            yield Check("collections", "fail", f"{folder} cannot be read", advice)


def watches(folders: Iterable[Path], limits: Path) -> Iterator[Check]:
    """limits: a folder with the kernel's; elsewhere than on Linux there is none."""
    try:
        limit = int((limits / "max_user_watches").read_text())
    except (OSError, ValueError):
        return
    needed = _folders(folders)
    message = f"{needed} folders to watch, {limit} watches for each user"
    if needed < limit:
        yield Check("watching", "ok", message)
        return
    advice = f"sudo sysctl fs.inotify.max_user_watches={max(MORE_WATCHES, 2 * needed)}, and the "
    advice += "same in a file of /etc/sysctl.d; until then changes are found by periodic scans"
    yield Check("watching", "warn", message, advice)


def open_files(connections: int) -> Iterator[Check]:
    if sys.platform == "win32":
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    message = f"{limit} for {connections} connections and what trinax has open itself"
    if limit == resource.RLIM_INFINITY or limit >= connections + OWN_FILES:
        yield Check("open files", "ok", message.replace("-1", "any number", 1))
        return
    advice = f"ulimit -n {connections + 2 * OWN_FILES} before trinax serve, or set "
    advice += f"server.connections = {max(limit - OWN_FILES, 1)}"
    yield Check("open files", "warn", message, advice)


def clock(now_s: float) -> Iterator[Check]:
    """Keys expire by it, and quiet hours and quotas go by it."""
    installed_s = Path(trinax.__file__).stat().st_mtime
    if now_s < installed_s - DAY_S:
        told = time.strftime("%Y-%m-%d", time.localtime(now_s))
        message = f"{told} is before trinax was installed"
        yield Check("clock", "fail", message, "set the clock; with systemd: timedatectl set-ntp on")


def holder(data_dir: Path, locks: Path = Path("/proc/locks")) -> int:
    """The process that has the data folder open; 0 where the system does not tell.

    Source: proc_locks(5).
    """
    try:
        lock = (data_dir / "lock").stat()
        lines = locks.read_text().splitlines()
    except OSError:
        return 0
    file = f"{os.major(lock.st_dev):02x}:{os.minor(lock.st_dev):02x}:{lock.st_ino}"
    held = (words for line in lines if file in (words := line.split()) and "->" not in words)
    return next((int(words[4]) for words in held if int(words[4]) > 0), 0)


def _entries(data_dir: Path) -> Iterator[Path]:
    for folder in (data_dir, data_dir / "index"):
        if os.access(folder, os.R_OK | os.X_OK):
            yield from sorted(folder.iterdir())


def _folders(folders: Iterable[Path]) -> int:
    count = 0
    for folder in folders:
        for _ in os.walk(folder):
            count += 1
            if count >= MOST_FOLDERS:
                return count
    return count


def _size_bytes(folder: Path) -> int:
    """What it takes on the disk: an engine's files are mostly holes."""
    return sum(
        Path(above, name).lstat().st_blocks * BLOCK_BYTES
        for above, _, names in os.walk(folder)
        for name in names
    )
