"""How many threads compute best."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from trinax.llama.machine import limits_of

SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def physical_cores() -> int:
    """Those that this process may use; two threads on one core slow each other down."""
    return min([_cores(), *quotas()])


def quotas(root: Path = Path("/")) -> Iterator[int]:
    """Processor time that a container may use, in whole cores. root: where proc and sys are."""
    for text in limits_of({"": "cpu.max"}, root):
        quota, _, period = text.partition(" ")
        if quota.isdecimal() and period.isdecimal() and int(period):
            yield max(1, ceil(int(quota) / int(period)))


def _cores() -> int:
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    usable = os.sched_getaffinity(0)
    try:
        return len({Path(SIBLINGS.format(cpu)).read_text() for cpu in usable})
    except OSError:
        return len(usable)
