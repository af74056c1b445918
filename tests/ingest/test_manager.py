from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.ingest.conftest import Build, House
from trinax.errors import CollectionExists, FileOutside
from trinax.index.records import Entry
from trinax.ingest.archives import Limits, unpacked
from trinax.ingest.manager import Manager
from trinax.ingest.renaming import MARK
from trinax.ingest.uploads import Sent
from trinax.settings import Settings

LIMITS = Limits(1_000_000, 100)


def managed(house: House) -> Manager:
    return Manager(house.settings, house.ingest, house.registry, house.ledger)


@pytest.fixture
async def full(house: House, folder: Path) -> House:
    """With some documents, all indexed."""
    for n in range(30):
        (folder / f"{n}.md").write_text(f"# Chapter {n}\n\nalpha {n}\n\n## Part\n\nbeta {n}\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    await house.ingest.reconcile()
    return house


def move(source: Path, target: Path) -> None:
    source.rename(target)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def without_ids(everything: dict[str, list[Entry]]) -> dict[str, list[tuple[str, str, int]]]:
    return {
        file: [(e.passage.chunk.text, e.passage.chunk.context, e.passage.ordinal) for e in entries]
        for file, entries in everything.items()
    }


async def test_a_renamed_collection_is_what_indexing_it_would_make(full: House) -> None:
    before, embedded = full.everything(), full.embedder.count
    await managed(full).rename("notes", "papers")
    outcome = await full.ingest.reconcile("papers")
    assert (outcome.added, outcome.changed, outcome.deleted) == (0, 0, 0)
    assert full.embedder.count == embedded
    assert without_ids(full.everything("papers")) == without_ids(before)
    ids = {e.passage.chunk.id for entries in before.values() for e in entries}
    now = {e.passage.chunk.id for one in full.everything("papers").values() for e in one}
    assert not ids & now
    assert full.registry.ids() == ["papers"]
    assert full.ledger.collections() == ["papers"]


async def test_a_collection_of_outside_folders_keeps_them(house: House, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.md").write_text("alpha")
    await house.ingest.add_root("work", tmp_path / "elsewhere")
    await house.ingest.reconcile("work")
    await managed(house).rename("work", "play")
    await house.ingest.reconcile("play")
    assert house.files("play") == ["a.md"]
    assert house.ledger.roots("play") == [str(tmp_path / "elsewhere")]


async def test_a_pause_goes_with_the_new_id(full: House) -> None:
    await full.ingest.pause("notes")
    await managed(full).rename("notes", "papers")
    assert full.ingest.status("papers").state == "paused"


@pytest.mark.parametrize("copied", [False, True])
async def test_a_renaming_that_a_crash_broke_off_is_brought_to_an_end(
    build: Build, folder: Path, copied: bool
) -> None:
    (folder / "a.md").write_text("alpha")
    first = build()
    await first.ingest.reconcile()
    # As far as it is after the copying, without or with its last step.
    kept = first.registry.get("notes").entries("a.md")
    store = first.registry.apart("papers")
    store.replace({"a.md": tuple(kept)})
    store.close()
    text = '{"old": "notes", "new": "papers", "own": "notes", "copied": false}'
    (first.settings.data_dir / MARK).write_text(text)
    if copied:
        move(folder, folder.parent / "papers")
    await first.ingest.close()
    first.close_stores()
    second = build()
    managed(second)
    await second.ingest.reconcile()
    id = "papers" if copied else "notes"
    assert second.registry.ids() == [id]
    assert second.texts("a.md", id) == ["alpha"]
    assert second.ledger.collections() == [id]
    await second.ingest.close()


async def test_an_import_embeds_nothing_that_was_embedded(full: House, tmp_path: Path) -> None:
    manager = managed(full)
    (tmp_path / "archive").write_bytes(b"".join([part async for part in manager.exported("notes")]))
    found = unpacked(tmp_path / "archive", tmp_path, LIMITS)
    await manager.remove("notes")
    # What it learned of deleted files is gone with the process in life.
    full.embedder.count = 0
    taken = await manager.take_in("copy", found)
    await full.ingest.reconcile("copy")
    assert full.embedder.count == 0
    assert len(taken.placed) == 31
    assert taken.vectors == full.store("copy").count()


async def test_a_collection_is_not_made_over_another(full: House) -> None:
    with pytest.raises(CollectionExists):
        await managed(full).create("notes")


async def test_a_collection_is_not_renamed_to_itself(full: House) -> None:
    with pytest.raises(CollectionExists):
        await managed(full).rename("notes", "notes")


async def test_a_deleted_file_leaves_the_index_at_once(full: House, folder: Path) -> None:
    await managed(full).delete("notes", "3.md")
    assert "3.md" not in full.files()
    assert not (folder / "3.md").exists()


async def test_only_own_files_are_deleted(house: House, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("alpha")
    await house.ingest.add_root("notes", tmp_path / "docs")
    await house.ingest.reconcile()
    with pytest.raises(FileOutside):
        await managed(house).delete("notes", "docs/a.md")
    assert (tmp_path / "docs/a.md").is_file()


async def test_an_upload_that_was_broken_off_leaves_nothing(house: House, folder: Path) -> None:
    (folder / ".trinax-part-left").write_text("half")
    content = folder.parent.parent / "sent"
    content.write_text("alpha")
    house.ingest.refresh()
    await managed(house).put("notes", [Sent("a.md", 5, content)])
    assert names(folder) == ["a.md"]


async def test_quiet_hours_stop_what_comes_by_itself_alone(
    build: Build, settings: Settings, folder: Path
) -> None:
    quiet = replace(settings.ingest, quiet_hours=("09:00-17:00",))
    house = build(replace(settings, ingest=quiet))
    noon, evening = datetime(2026, 11, 28, 12), datetime(2026, 11, 28, 20)
    house.ingest.observe(noon)
    (folder / "a.md").write_text("alpha")
    house.ingest.refresh()
    await house.ingest.begin("notes")
    status = house.ingest.status("notes")
    assert (status.state, house.files()) == ("paused", [])
    assert status.problem == "quiet hours until 17:00 (ingest.quiet_hours)"
    await house.ingest.reconcile("notes")
    assert house.files() == ["a.md"]
    (folder / "b.md").write_text("beta")
    house.ingest.observe(evening)
    await house.ingest.wait_idle()
    assert house.files() == ["a.md", "b.md"]
    await house.ingest.close()
