"""Files and folders that turn into each other, and roots that go and come."""

import os
import shutil
from pathlib import Path

from tests.ingest.conftest import House
from trinax.ingest.scan import Limits, Root, scan


def move(source: Path, target: Path) -> None:
    source.rename(target)


async def test_a_file_that_becomes_a_folder_and_a_file_again(house: House, folder: Path) -> None:
    note = folder / "note.md"
    note.write_text("alpha")
    await house.ingest.reconcile()
    note.unlink()
    note.mkdir()
    (note / "inner.md").write_text("beta")
    await house.ingest.reconcile()
    assert house.files() == ["note.md/inner.md"]
    shutil.rmtree(note)
    note.write_text("gamma")
    await house.ingest.reconcile()
    assert house.files() == list(house.ledger.rows("notes")) == ["note.md"]
    assert house.texts("note.md") == ["gamma"]


async def test_links_in_a_circle_end_no_scan_and_add_nothing(house: House, folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep/note.md").write_text("alpha")
    (folder / "deep/up").symlink_to(folder, target_is_directory=True)
    (folder / "self").symlink_to("self")
    await house.ingest.reconcile()
    assert house.files() == ["deep/note.md"]


async def test_a_folder_that_becomes_a_link_takes_its_files_along(
    house: House, folder: Path
) -> None:
    (folder / "docs").mkdir()
    (folder / "docs/note.md").write_text("alpha")
    await house.ingest.reconcile()
    move(folder / "docs", folder.parent.parent / "docs")
    (folder / "docs").symlink_to(folder.parent.parent / "docs")
    await house.ingest.reconcile()
    assert house.files() == []


async def test_names_that_differ_by_case_alone_are_two_files(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    if (folder / "NOTE.md").exists():
        return  # here they are one
    (folder / "NOTE.md").write_text("beta")
    await house.ingest.reconcile()
    assert (house.texts("note.md"), house.texts("NOTE.md")) == (["alpha"], ["beta"])


async def test_a_hard_link_is_a_file(house: House, folder: Path) -> None:
    (folder / "a.md").write_text("alpha")
    os.link(folder / "a.md", folder / "b.md")
    await house.ingest.reconcile()
    assert house.files() == ["a.md", "b.md"]


def test_some_paths_alone_can_be_looked_at(tmp_path: Path) -> None:
    for file in ("a.md", "docs/b.md", "docs/deep/c.md", "docs/private/d.md", "docsy/e.md"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    (tmp_path / "docs/.gitignore").write_text("private/\n")
    limits = Limits(file_limit_bytes=1000)

    def seen(*paths: str) -> list[str]:
        return sorted(scan(Root(tmp_path), limits, frozenset(paths)).files)

    assert seen("a.md") == ["a.md"]
    assert seen("docs") == ["docs/b.md", "docs/deep/c.md"]
    assert seen("docs/deep", "docs/private", "docs/private/d.md") == ["docs/deep/c.md"]
    assert seen("docs/b.md", "gone.md", "gone/too.md") == ["docs/b.md"]
    assert seen() == []


def test_a_part_is_left_out_for_the_reasons_of_the_whole(tmp_path: Path) -> None:
    (tmp_path / "py311").mkdir()
    for file in ("py311/pyvenv.cfg", "py311/a.py"):
        (tmp_path / file).write_text("x")
    part = scan(Root(tmp_path), Limits(file_limit_bytes=1000), frozenset({"py311/a.py"}))
    assert part.files == {}
    assert [one.reason for one in part.left_out] == ["a virtual environment"]
