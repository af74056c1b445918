"""Disks without room or that may only be read: tried on some that are mounted for the purpose."""

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

# What is open may still be written there, as on no disk of one's own; what is new may not.
READ_ONLY = """
import asyncio, subprocess, sys
from pathlib import Path

disk, notes = Path(sys.argv[1]), Path(sys.argv[2])

from tests.ingest.killing import opened
from trinax.index.analysis import query_terms

def write(folder, numbers):
    folder.mkdir(exist_ok=True)
    for n in numbers:
        (folder / f"{n}.md").write_text(f"# Note {n}\\n\\nwords of note{n}\\n")

def mount(*arguments):
    subprocess.run(["mount", *arguments, str(disk)], check=True)

def found(house, words):
    return bool(house.registry.get("notes").candidates(None, query_terms(words), 1).bm25)

async def main():
    with opened(notes.parent.parent, str(disk / "var")) as house:
        write(notes, range(20))
        await house.ingest.reconcile()
        mount("--bind", str(disk))
        mount("-o", "remount,ro,bind")
        write(notes, range(20, 30))
        write(notes.parent / "more", range(3))
        (notes / "0.md").unlink()
        for _ in range(2):
            await house.ingest.reconcile()
            for status in house.ingest.statuses():
                assert status.state == "failed", status
                assert "the folder cannot be written" in status.problem, status
            assert found(house, "note0") and found(house, "note1") and not found(house, "note21")
        subprocess.run(["umount", "-l", str(disk)], check=True)
        await house.ingest.reconcile()
        assert {status.state for status in house.ingest.statuses()} == {"idle"}
        assert len(house.ledger.rows("notes")) == house.registry.get("notes").count() == 29
        assert house.registry.get("more").count() == 3
        assert found(house, "note21") and not found(house, "note0")

asyncio.run(main())
"""

STARTING = """
import subprocess, sys
from pathlib import Path

disk, notes = Path(sys.argv[1]), Path(sys.argv[2])
(notes / "a.md").write_text("words")
places = ["--data-dir", str(disk / "var"), "--collections-dir", str(notes.parent)]

def trinax(*arguments):
    command = [sys.executable, "-m", "trinax", *arguments, *places]
    return subprocess.run(command, capture_output=True, text=True)

def mount(*arguments):
    subprocess.run(["mount", *arguments, str(disk)], check=True)

def content():
    return {file: file.read_bytes() for file in disk.rglob("*") if file.is_file()}

mount("-t", "tmpfs", "tmpfs")
mount("-o", "remount,ro")
for command in (["serve", "--port", "0"], ["search", "words"]):
    done = trinax(*command)
    assert done.returncode == 1 and "cannot be written (read-only" in done.stderr, done.stderr
    assert done.stderr.count("\\n") == 1, done.stderr
mount("-o", "remount,rw")
assert trinax("search", "words").returncode == 0
before = content()
mount("-o", "remount,ro")
for command in (["serve", "--port", "0"], ["search", "words"], ["doctor"]):
    done = trinax(*command)
    assert done.returncode == 1, done
    assert "cannot be written (read-only" in done.stdout + done.stderr, done
assert content() == before
mount("-o", "remount,rw")
assert "a.md" in trinax("search", "words").stdout
"""


def can_mount(folder: Path) -> bool:
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(program: str, folder: Path) -> None:
    """With a folder for a disk and one of a collection."""
    if not can_mount(folder):
        pytest.skip("no disk can be mounted here")
    notes = folder / "home/collections/notes"
    notes.mkdir(parents=True)
    (folder / "disk").mkdir()
    command = ["unshare", "-rm", sys.executable, "-c", program, str(folder / "disk"), str(notes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_full_disk_is_said_and_made_up_for_while_searches_go_on(tmp_path: Path) -> None:
    run(PROGRAM, tmp_path)


@pytest.mark.slow
def test_a_data_folder_that_becomes_read_only_is_said_while_searches_go_on(tmp_path: Path) -> None:
    run(READ_ONLY, tmp_path)


@pytest.mark.slow
def test_no_server_starts_on_a_read_only_data_folder_and_none_harms_it(tmp_path: Path) -> None:
    run(STARTING, tmp_path)
