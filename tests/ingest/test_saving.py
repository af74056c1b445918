"""Ways in which programs save a file: it is never out of the index, nor what helps them in it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.test_watch import until

pytestmark = pytest.mark.slow

OLD, NEW = "the words of before", "the words of after"


def in_place(file: Path) -> None:
    file.write_text(NEW)


def vim(file: Path) -> None:
    swap, probe, backup = (
        file.with_name(n) for n in (f".{file.name}.swp", "4913", f"{file.name}~")
    )
    swap.write_bytes(b"b0VIM 9.1" + bytes(4000))
    probe.touch()
    probe.unlink()
    file.rename(backup)
    file.write_text(NEW)
    backup.unlink()
    swap.unlink()


def emacs(file: Path) -> None:
    lock, saved = file.with_name(f".#{file.name}"), file.with_name(f"#{file.name}#")
    lock.symlink_to("me@here.1:2")
    saved.write_text(NEW)
    file.rename(file.with_name(f"{file.name}~"))
    file.write_text(NEW)
    saved.unlink()
    lock.unlink()


def jetbrains(file: Path) -> None:
    new, old = (file.with_name(f"{file.name}___jb_{what}___") for what in ("tmp", "old"))
    new.write_text(NEW)
    file.rename(old)
    new.rename(file)
    old.unlink()


def replaced(file: Path) -> None:
    new = file.with_name(f"{file.name}.tmp.4711")
    new.write_text(NEW)
    os.replace(new, file)


def office(file: Path) -> None:
    lock, new = file.with_name(f"~${file.name}"), file.with_name("ABCD1234.tmp")
    lock.write_bytes(b"\x02me" + bytes(50))
    new.write_text(NEW)
    file.unlink()
    new.rename(file)
    lock.unlink()


@contextmanager
def listing(house: House) -> Iterator[set[tuple[str, ...]]]:
    """Collects, in a thread, which files are in the index at any time."""
    seen: set[tuple[str, ...]] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.002):
            seen.add(tuple(house.files()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("save", [in_place, vim, emacs, jetbrains, replaced, office])
async def test_a_saved_file_is_always_in_the_index(
    house: House, folder: Path, save: Callable[[Path], None]
) -> None:
    (folder / "note.md").write_text(OLD)
    await house.ingest.start()
    await house.ingest.wait_idle()
    with listing(house) as seen:
        save(folder / "note.md")
        await until(lambda: house.texts("note.md") == [NEW])
        await house.ingest.wait_idle()
    assert seen == {("note.md",)}
    assert house.embedder.count == 2


async def test_a_file_that_is_away_for_a_moment_stays(house: House, folder: Path) -> None:
    """As an editor's may be at the very moment of a scan."""
    note, away = folder / "note.md", folder / ".away"
    note.write_text(OLD)
    await house.ingest.start()
    await house.ingest.wait_idle()
    with listing(house) as seen:
        note.rename(away)
        task = house.ingest.begin("notes")
        # The scan is over, and has missed it.
        await until(lambda: bool(house.ingest.reconciler.moves.leaving("another")))
        away.rename(note)
        await task
        await house.ingest.wait_idle()
    assert seen == {("note.md",)}
    assert house.embedder.count == 1


async def test_what_is_only_being_downloaded_waits(house: House, folder: Path) -> None:
    (folder / "book.md.part").write_text(OLD)
    (folder / "page.html.crdownload").write_text(OLD)
    await house.ingest.start()
    await house.ingest.wait_idle()
    assert house.files() == []
    (folder / "book.md.part").rename(folder / "book.md")
    await until(lambda: house.files() == ["book.md"])
