"""The machine as this process may use it: all of it, or what its container allows."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path("/")
ASSUMED_BYTES = 8_000_000_000  # where the system does not say
KILOBYTE = 1024  # what /proc calls a kB


def machine_bytes(root: Path = ROOT) -> int:
    """Memory of the machine, or of the container where that may use less.

    root: where proc and sys are mounted.
    """
    installed = _meminfo_bytes(root) or _reported_bytes() or ASSUMED_BYTES
    names = {"": "memory.max", "memory": "memory.limit_in_bytes"}
    limits = [int(text) for text in limits_of(names, root) if text.isdecimal()]
    # cgroup v1 writes a number beyond any machine where there is no limit.
    return min([installed, *(limit for limit in limits if limit > 0)])


def _meminfo_bytes(root: Path) -> int:
    for line in text_of(root / "proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        amount = value.split()
        if name == "MemTotal" and amount and amount[0].isdecimal():
            return int(amount[0]) * KILOBYTE
    return 0


def _reported_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 0


def limits_of(names: Mapping[str, str], root: Path = ROOT) -> Iterator[str]:
    """What a limit's file says in this process's control group and in each above it.

    names: the file by controller; "" is the one hierarchy of cgroup v2.
    root: where proc and sys are mounted.
    """
    groups = root / "sys/fs/cgroup"
    for line in text_of(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        for controller in controllers.split(","):
            if controller not in names:
                continue
            top = groups / controller
            group = top / path.lstrip("/")
            # In a container the path may be the host's; its own group is then mounted at the top.
            for folder in dict.fromkeys((group, *group.parents, top)):
                if folder.is_relative_to(top) and (text := text_of(folder / names[controller])):
                    yield text


def text_of(path: Path) -> str:
    """ "" where there is none."""
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
