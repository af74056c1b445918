"""Folders on other machines, whose changes give file events only where they are made."""

from collections.abc import Iterable, Mapping
from pathlib import Path

# Of Linux, see proc_pid_mountinfo(5); elsewhere there is none.
MOUNTS = Path("/proc/self/mountinfo")

NETWORK = frozenset(
    (
        *("9p", "afs", "ceph", "cifs", "lustre", "nfs", "nfs4", "smb3", "vboxsf"),
        *("fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    )
)


def far(folders: Iterable[Path]) -> dict[Path, str]:
    """Those of the folders that lie on a network file system, and its kind."""
    try:
        kinds = mounted(MOUNTS.read_text("utf-8", "surrogateescape"))
    except OSError:
        return {}
    found = ((folder, _kind(folder, kinds)) for folder in folders)
    return {folder: kind for folder, kind in found if kind in NETWORK}


def mounted(mountinfo: str) -> dict[Path, str]:
    """Mount points and the kind of what is mounted last on each."""
    kinds = {}
    for line in mountinfo.splitlines():
        place, _, source = line.partition(" - ")
        if source:
            kinds[Path(_plain(place.split()[4]))] = source.split()[0]
    return kinds


def _kind(folder: Path, kinds: Mapping[Path, str]) -> str:
    return next((kinds[path] for path in (folder, *folder.parents) if path in kinds), "")


def _plain(escaped: str) -> str:
    """Space, tab, line feed and backslash stand there as "\\040"."""
    first, *others = escaped.split("\\")
    return first + "".join(chr(int(part[:3], 8)) + part[3:] for part in others)
