"""Another branch of a git checkout, while it is watched."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ingest.conftest import Build, House
from tests.ingest.test_watch import until
from trinax.settings import Settings

pytestmark = pytest.mark.slow

FILES = 2000
GIT = shutil.which("git")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=me", "-c", "user.email=me@here", "-c", "gc.auto=0")
    command = (str(GIT), "-C", str(folder), *who, *arguments)
    subprocess.run(command, check=True, capture_output=True)


def write(folder: Path, branch: str, numbers: range) -> None:
    for n in numbers:
        path = folder / f"part{n % 20}" / f"{n}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# Note {n}\n\nThe {branch} has this of note {n}.\n")


def checkout(folder: Path) -> None:
    """Two branches: of 2 000 files a part differs, a part is moved, a part only one of them has."""
    git(folder, "init", "-q", "-b", "main")
    write(folder, "main", range(FILES))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "main")
    git(folder, "checkout", "-qb", "other")
    write(folder, "other", range(0, FILES - 400))
    write(folder, "other", range(FILES, FILES + 100))
    git(folder, "mv", "part19", "moved")
    git(folder, "rm", "-rqf", "part18")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "other")
    git(folder, "checkout", "-q", "main")


async def compare(house: House, build: Build, settings: Settings, data: str) -> None:
    scratch = build(replace(settings, paths=replace(settings.paths, data=data)))
    await scratch.ingest.reconcile()
    assert house.files() == scratch.files()
    for file in scratch.files():
        left, right = house.store().chunks(file), scratch.store().chunks(file)
        assert left == right
    assert house.store().count() == scratch.store().count()
    scratch.close_stores()


# watchdog says so of a folder that goes and comes back at once.
@pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")
@pytest.mark.skipif(GIT is None, reason="git is not installed")
async def test_a_branch_switched_while_watched_loses_and_doubles_nothing(
    house: House, build: Build, settings: Settings, folder: Path
) -> None:
    checkout(folder)
    await house.ingest.start()
    await house.ingest.wait_idle()
    assert len(house.files()) == FILES
    git(folder, "checkout", "-q", "other")
    # While the first is taken up, the next: nobody waits for us.
    await until(lambda: "part0/2000.md" in house.files() or house.ingest.busy("notes"), 60.0)
    git(folder, "checkout", "-q", "main")
    git(folder, "checkout", "-q", "other")
    await until(lambda: "moved/19.md" in house.files() and "part19/19.md" not in house.files(), 60)
    await house.ingest.wait_idle()
    await compare(house, build, settings, "scratch")
