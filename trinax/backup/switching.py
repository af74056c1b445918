"""The moment at which a restored data folder takes the place of what was there.

What was restored stands complete in the data folder under ARRIVED; that name alone decides. After a
crash, the next start or restore brings to an end what was begun.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from trinax.index.places import sync

ARRIVED = "restored"
RESTORING = "restoring"
MOVING = "restored-moving"
# Then a number: what was there before, which nobody deletes.
BEFORE = "before-restore-"
# What is nobody's data: it may be in a folder that counts as empty, and stays where it is.
OWN = frozenset({"lock", "incoming", RESTORING, ARRIVED, MOVING})


def occupants(data_dir: Path, models_dir: Path) -> list[Path]:
    """What of a data folder a restore would have to move aside, sorted; models stay."""
    return sorted(_occupants(data_dir, models_dir)) if data_dir.is_dir() else []


def settle(data_dir: Path, models_dir: Path) -> str:
    """End what was begun: after it, what arrived is the data folder. Safe to repeat.

    For who holds the folder's lock. Returns the name that what was there has now, "" where there
    was nothing. Raises OSError.
    """
    aside = ""
    if (data_dir / ARRIVED).is_dir():
        aside = _moved_aside(data_dir, models_dir)
        (data_dir / ARRIVED).rename(data_dir / MOVING)
        sync(data_dir)
    if (data_dir / MOVING).is_dir():
        for path in sorted((data_dir / MOVING).iterdir()):
            path.rename(data_dir / path.name)
        sync(data_dir)
        (data_dir / MOVING).rmdir()
    shutil.rmtree(data_dir / RESTORING, ignore_errors=True)  # never whole
    return aside


def _moved_aside(data_dir: Path, models_dir: Path) -> str:
    paths = occupants(data_dir, models_dir)
    if not paths:
        return ""
    n = 1
    while (aside := data_dir / f"{BEFORE}{n}").exists():
        n += 1
    aside.mkdir(0o700)
    for path in paths:
        path.rename(aside / path.name)
    sync(data_dir)
    return aside.name


def _occupants(data_dir: Path, models_dir: Path) -> Iterator[Path]:
    for path in data_dir.iterdir():
        is_models = models_dir == path or path in models_dir.parents
        if not (is_models or path.name in OWN or path.name.startswith(BEFORE)):
            yield path
