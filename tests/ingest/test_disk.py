"""A disk without room: tried on a small one that is mounted for the purpose."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, os, subprocess, sys
from pathlib import Path

disk, notes = Path(sys.argv[1]), Path(sys.argv[2])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", str(disk)], check=True)

from tests.ingest.killing import opened
from trinax.index.analysis import query_terms

def write(numbers):
    for n in numbers:
        (notes / f"{n}.md").write_text(f"# Note {n}\\n\\nwords of note{n}\\n")

def fill(path):
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(descriptor, bytes(1 << 16))
    except OSError:
        os.close(descriptor)

def found(house, words):
    return bool(house.registry.get("notes").candidates(None, query_terms(words), 1).bm25)

async def main():
    with opened(notes.parent.parent, str(disk / "var")) as house:
        write(range(20))
        await house.ingest.reconcile()
        fill(disk / "filler")
        write(range(20, 400))
        (notes / "0.md").unlink()
        for _ in range(2):
            await house.ingest.reconcile()
            status = house.ingest.status("notes")
            assert status.state == "failed" and "no room on the disk" in status.problem, status
            assert found(house, "note1") and not found(house, "note21")
        (disk / "filler").unlink()
        await house.ingest.reconcile()
        assert house.ingest.status("notes").state == "idle"
        assert house.registry.get("notes").count() == len(house.ledger.rows("notes")) == 399
        assert found(house, "note21") and not found(house, "note0")

asyncio.run(main())
"""


def can_mount(folder: Path) -> bool:
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.slow
def test_a_full_disk_is_said_and_made_up_for_while_searches_go_on(tmp_path: Path) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no small disk can be mounted here")
    notes = tmp_path / "home/collections/notes"
    notes.mkdir(parents=True)
    (tmp_path / "disk").mkdir()
    command = ["unshare", "-rm", sys.executable, "-c", PROGRAM, str(tmp_path / "disk"), str(notes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
