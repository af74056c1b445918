import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from tests.ingest.conftest import Build, House
from trinax.ingest.watch import Watcher
from trinax.settings import Ingest as IngestSettings
from trinax.settings import Settings

pytestmark = pytest.mark.slow


async def until(condition: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Return once the condition holds; fails with TimeoutError."""
    with anyio.fail_after(limit_s):
        while not condition():
            await anyio.lowlevel.checkpoint()
            await anyio.sleep(0.01)


@pytest.fixture
async def watched(house: House, folder: Path) -> House:
    """Started, and at rest."""
    (folder / "old.md").write_text("alpha")
    await house.ingest.start()
    await house.ingest.wait_idle()
    return house


def move(source: Path, target: Path) -> None:
    source.rename(target)


def make(folder: Path) -> None:
    folder.mkdir(parents=True)


def has(house: House, *files: str, collection: str = "notes") -> Callable[[], bool]:
    def condition() -> bool:
        return collection in house.registry.ids() and house.files(collection) == list(files)

    return condition


async def test_a_new_file_is_noticed(watched: House, folder: Path) -> None:
    (folder / "new.md").write_text("beta")
    await until(has(watched, "new.md", "old.md"))


async def test_an_edit_is_noticed(watched: House, folder: Path) -> None:
    (folder / "old.md").write_text("gamma delta")
    await until(lambda: watched.texts("old.md") == ["gamma delta"])


async def test_a_rename_is_noticed(watched: House, folder: Path) -> None:
    move(folder / "old.md", folder / "new.md")
    await until(has(watched, "new.md"))
    assert watched.embedder.count == 1


async def test_a_deletion_is_noticed(watched: House, folder: Path) -> None:
    (folder / "old.md").unlink()
    await until(has(watched))


async def test_a_file_in_a_new_folder_is_noticed(watched: House, folder: Path) -> None:
    make(folder / "a/b")
    (folder / "a/b/new.md").write_text("beta")
    await until(has(watched, "a/b/new.md", "old.md"))


async def test_a_folder_moved_in_is_noticed(watched: House, folder: Path, tmp_path: Path) -> None:
    make(tmp_path / "docs")
    (tmp_path / "docs/new.md").write_text("beta")
    move(tmp_path / "docs", folder / "docs")
    await until(has(watched, "docs/new.md", "old.md"))


async def test_a_new_collection_is_noticed(watched: House, folder: Path) -> None:
    make(folder.parent / "second")
    (folder.parent / "second/a.md").write_text("beta")
    await until(has(watched, "a.md", collection="second"))


async def test_a_folder_moved_in_right_after_the_start_is_noticed(
    house: House, folder: Path, tmp_path: Path
) -> None:
    ids = [f"late-{n}" for n in range(20)]
    for id in ids:
        make(tmp_path / id)
        (tmp_path / id / "a.md").write_text("beta")
    await house.ingest.start()
    for id in ids:
        move(tmp_path / id, folder.parent / id)
        await anyio.lowlevel.checkpoint()
    for id in ids:
        await until(has(house, "a.md", collection=id))


async def test_a_collection_that_goes_and_comes_back_is_noticed(
    watched: House, folder: Path
) -> None:
    shutil.rmtree(folder)
    await until(lambda: watched.ingest.status("notes").state == "failed")
    assert watched.files() == ["old.md"]
    make(folder)
    (folder / "new.md").write_text("beta")
    await until(has(watched, "new.md"))
    await until(lambda: watched.ingest.status("notes").state == "idle")


async def test_an_added_folder_is_watched(watched: House, tmp_path: Path) -> None:
    make(tmp_path / "docs")
    await watched.ingest.add_root("work", tmp_path / "docs")
    (tmp_path / "docs/a.md").write_text("beta")
    await until(has(watched, "a.md", collection="work"))


async def test_an_added_folder_that_goes_is_noticed(watched: House, tmp_path: Path) -> None:
    make(tmp_path / "docs")
    (tmp_path / "docs/a.md").write_text("beta")
    await watched.ingest.add_root("work", tmp_path / "docs")
    await watched.ingest.reconcile("work")
    shutil.rmtree(tmp_path / "docs")
    await until(lambda: watched.ingest.status("work").state == "failed")
    assert watched.files("work") == ["a.md"]


async def test_an_ignore_file_takes_effect(watched: House, folder: Path) -> None:
    (folder / ".gitignore").write_text("*.md\n")
    await until(has(watched))


async def test_events_of_hidden_and_ignored_folders_wake_nobody(
    watched: House, folder: Path
) -> None:
    make(folder / "node_modules")
    make(folder / ".cache")
    (folder / "seen.md").write_text("beta")
    await until(has(watched, "old.md", "seen.md"))
    await watched.ingest.wait_idle()
    # Nothing tells of another time, so only a scan would show it.
    os.utime(folder / "old.md", (0, 1_600_000_000))
    heard: list[str] = []
    watcher = Watcher(heard.append)
    watcher.follow([folder])
    (folder / "node_modules/a.js").write_text("1")
    (folder / ".cache/b.md").write_text("1")
    await until(lambda: any(path.endswith("b.md") for path in heard))
    await anyio.to_thread.run_sync(watcher.close)
    await watched.ingest.wait_idle()
    assert 1_600_000_000 not in [one.mtime_s for one in watched.store().files()]


async def test_what_gives_no_event_is_found_by_the_next_scan(
    settings: Settings, build: Build, folder: Path
) -> None:
    (folder / "old.md").write_text("alpha")
    house = build(replace(settings, ingest=IngestSettings(scan_interval_s=0.1)))
    await house.ingest.start()
    await until(has(house, "old.md"))
    os.utime(folder / "old.md", (0, 1_600_000_000))
    await until(lambda: house.store().files()[0].mtime_s == 1_600_000_000)
    await house.ingest.close()


async def test_events_without_an_end_put_no_scan_off(
    settings: Settings, build: Build, folder: Path
) -> None:
    (folder / "old.md").write_text("alpha")
    make(folder.parent / "busy")
    watched = IngestSettings(debounce_s=0.05, debounce_limit_s=0.1, scan_interval_s=0.5)
    house = build(replace(settings, ingest=watched))
    await house.ingest.start()
    await until(has(house, "old.md"))
    os.utime(folder / "old.md", (0, 1_600_000_000))

    def seen() -> bool:
        (folder.parent / "busy/log.txt").write_text(str(os.times()))
        return house.store().files()[0].mtime_s == 1_600_000_000

    await until(seen)
    await house.ingest.close()
