import asyncio
import json
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from tests.ingest.conftest import Build, House
from trinax.errors import CollectionNotFound, InvalidRequest, SourceNotFound, UnreadableDocument
from trinax.ingest.records import Status
from trinax.settings import Settings


def write(path: Path, text: str = "alpha") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def move(source: Path, target: Path) -> None:
    source.rename(target)


def remove(folder: Path) -> None:
    folder.rmdir()


async def test_start_indexes_what_is_there(house: House, folder: Path) -> None:
    write(folder / "note.md")
    await house.ingest.start()
    assert house.ingest.ready
    await house.ingest.wait_idle()
    assert house.texts("note.md") == ["alpha"]


async def test_stores_answer_before_anything_is_indexed(house: House, folder: Path) -> None:
    write(folder / "note.md")
    assert not house.ingest.ready
    await house.ingest.start()
    assert house.store().count() in (0, 1)


async def test_numbers_are_known_right_after_a_restart(build: Build, folder: Path) -> None:
    write(folder / "note.md")
    first = build()
    await first.ingest.reconcile()
    first.close_stores()
    second = build()
    await second.ingest.start()
    assert second.ingest.status("notes").chunks == 1
    await second.ingest.close()


async def test_a_new_folder_is_a_new_collection(house: House, folder: Path) -> None:
    await house.ingest.reconcile()
    write(folder.parent / "Second Shelf" / "a.md")
    await house.ingest.reconcile()
    assert house.files("second-shelf") == ["a.md"]
    assert [status.id for status in house.ingest.statuses()] == ["notes", "second-shelf"]


async def test_collections_keep_apart(house: House, folder: Path) -> None:
    write(folder / "a.md", "alpha")
    write(folder.parent / "other/a.md", "beta")
    await house.ingest.reconcile("other")
    assert house.files("other") == ["a.md"]
    assert house.ingest.status("notes").total == 0


async def test_an_empty_folder_that_is_removed_leaves_no_collection(
    house: House, folder: Path
) -> None:
    await house.ingest.reconcile()
    remove(folder)
    await house.ingest.reconcile()
    assert house.ingest.statuses() == []
    assert house.registry.ids() == []


async def test_a_collection_that_cannot_be_opened_stops_no_other(
    settings: Settings, house: House, folder: Path
) -> None:
    write(folder / "a.md")
    write(folder.parent / "bad/a.md")
    store = settings.data_dir / "stores/bad"
    write(store / "store.json", json.dumps({"format": 999}))
    (store / "shard").mkdir()
    await house.ingest.start()
    await house.ingest.wait_idle()
    assert house.files("notes") == ["a.md"]
    status = house.ingest.status("bad")
    assert status.state == "failed"
    assert "newer trinax" in status.problem


async def test_two_folders_of_one_id_are_reported(house: House, folder: Path) -> None:
    write(folder.parent / "NOTES/b.md")
    write(folder / "a.md")
    await house.ingest.reconcile()
    assert house.files("notes") == ["a.md"]
    assert [one.file for one in house.ingest.refused] == ["NOTES"]


async def test_an_unknown_collection_is_an_error(house: House, folder: Path) -> None:
    with pytest.raises(CollectionNotFound):
        await house.ingest.reconcile("nothing")
    with pytest.raises(CollectionNotFound):
        house.ingest.status("nothing")


async def test_an_outside_folder_is_indexed_in_place(house: House, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/docs/a.md")
    await house.ingest.add_root("work", tmp_path / "elsewhere")
    await house.ingest.reconcile("work")
    assert house.files("work") == ["docs/a.md"]
    assert house.ingest.is_there("work", "docs/a.md")


async def test_an_outside_folder_is_remembered(build: Build, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/a.md")
    first = build()
    await first.ingest.add_root("work", tmp_path / "elsewhere")
    first.close_stores()
    second = build()
    await second.ingest.reconcile()
    assert second.files("work") == ["a.md"]


async def test_an_outside_folder_beside_a_collections_own(
    house: House, folder: Path, tmp_path: Path
) -> None:
    write(folder / "a.md", "alpha")
    write(tmp_path / "docs/a.md", "beta")
    await house.ingest.add_root("notes", tmp_path / "docs")
    await house.ingest.reconcile()
    assert house.files() == ["a.md", "docs/a.md"]
    assert house.texts("docs/a.md") == ["beta"]


async def test_a_second_folder_of_the_same_name_embeds_nothing_again(
    house: House, tmp_path: Path
) -> None:
    write(tmp_path / "z/docs/a.md", "alpha")
    write(tmp_path / "a/docs/b.md", "beta")
    await house.ingest.add_root("work", tmp_path / "z/docs")
    await house.ingest.reconcile("work")
    await house.ingest.add_root("work", tmp_path / "a/docs")
    await house.ingest.reconcile("work")
    assert house.files("work") == ["b.md", "docs/a.md"]
    assert house.embedder.count == 2


async def test_one_of_two_folders_gone_keeps_its_chunks(
    house: House, folder: Path, tmp_path: Path
) -> None:
    write(folder / "a.md", "alpha")
    write(tmp_path / "docs/b.md", "beta")
    await house.ingest.add_root("notes", tmp_path / "docs")
    await house.ingest.reconcile()
    move(tmp_path / "docs", tmp_path / "away")
    write(folder / "c.md", "gamma")
    await house.ingest.reconcile()
    assert house.files() == ["a.md", "c.md", "docs/b.md"]
    assert "'docs'" in house.ingest.status("notes").problem


async def test_a_file_in_the_way_of_another_folder_is_reported(
    house: House, folder: Path, tmp_path: Path
) -> None:
    write(folder / "docs/a.md", "alpha")
    write(tmp_path / "docs/a.md", "beta")
    await house.ingest.add_root("notes", tmp_path / "docs")
    await house.ingest.reconcile()
    assert house.texts("docs/a.md") == ["alpha"]
    failures = house.ingest.status("notes").failures
    assert [one.file for one in failures] == ["docs/a.md"]


async def test_folders_of_the_settings_are_roots(
    settings: Settings, build: Build, tmp_path: Path
) -> None:
    write(tmp_path / "elsewhere/a.md")
    house = build(replace(settings, roots={"work": ("elsewhere",)}))
    await house.ingest.reconcile()
    assert house.files("work") == ["a.md"]


async def test_the_data_folder_is_never_indexed(house: House, tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "var/log.txt")
    await house.ingest.add_root("all", tmp_path)
    await house.ingest.reconcile("all")
    assert house.files("all") == ["a.md"]


async def test_a_bad_id_is_refused(house: House, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        await house.ingest.add_root("No Slug", tmp_path)


async def test_an_indexed_file_can_be_read_again(house: House, folder: Path) -> None:
    write(folder / "note.md", "# Title\n\nalpha\n")
    await house.ingest.reconcile()
    document = await house.ingest.read("notes", "note.md")
    assert (document.file, document.title) == ("note.md", "Title")
    assert document.text == "# Title\n\nalpha\n"


async def test_a_file_that_is_not_indexed_cannot_be_read(house: House, folder: Path) -> None:
    write(folder / ".env", "SECRET=1")
    write(folder.parent / "secret.md", "secret")
    await house.ingest.reconcile()
    for file in (".env", "../secret.md", "secret.md"):
        with pytest.raises(SourceNotFound):
            await house.ingest.read("notes", file)


async def test_an_indexed_file_that_is_gone_says_so(house: House, folder: Path) -> None:
    write(folder / "note.md")
    await house.ingest.reconcile()
    (folder / "note.md").unlink()
    with pytest.raises(UnreadableDocument):
        await house.ingest.read("notes", "note.md")


async def test_following_ends_when_all_is_done(house: House, folder: Path) -> None:
    write(folder / "note.md")
    await house.ingest.start()
    seen: list[Status] = [status async for status in house.ingest.follow("notes")]
    assert (seen[-1].state, seen[-1].chunks) == ("idle", 1)


async def test_closing_half_way_and_starting_again_gives_the_whole_index(
    build: Build, folder: Path
) -> None:
    for n in range(600):
        write(folder / f"{n:03}.md", f"note number {n} " * 20)
    first = build()
    await first.ingest.start()
    async for status in first.ingest.follow("notes"):
        if status.chunks:
            break
    await first.ingest.close()
    first.close_stores()
    second = build()
    await second.ingest.reconcile()
    assert second.files() == [f"{n:03}.md" for n in range(600)]
    assert len(second.ledger.rows("notes")) == 600
    assert second.store().count() == second.ingest.status("notes").chunks


async def test_reconciles_asked_for_at_once_do_the_work_once(house: House, folder: Path) -> None:
    write(folder / "note.md")
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(house.ingest.reconcile)
    assert house.embedder.count == 1


async def test_files_that_wait_are_unfinished(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.start()
    seen = {house.ingest.unfinished()}
    async for _ in house.ingest.follow("notes"):
        seen.add(house.ingest.unfinished(["notes"]))
    assert 0 in seen
    assert house.ingest.unfinished() is None
    assert house.ingest.unfinished(["another"]) is None


async def test_a_later_look_that_finds_nothing_is_not_unfinished(
    house: House, folder: Path
) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    again = asyncio.create_task(house.ingest.reconcile())
    while not house.ingest.busy("notes"):
        await anyio.lowlevel.checkpoint()
    assert house.ingest.unfinished() is None
    await again
