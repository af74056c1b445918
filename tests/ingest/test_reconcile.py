import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.conftest import Build, House
from trinax.ingest.records import Outcome
from trinax.settings import Chunking, Settings
from trinax.settings import Ingest as IngestSettings

PARTS = [f"# Part {n}\n\n" + f"words of part {n} about subject{n} " * 30 + "\n\n" for n in range(5)]


def counts(outcome: Outcome) -> dict[str, int]:
    """What is not zero, but for time, unchanged and skipped files."""
    names = ("added", "changed", "moved", "deleted", "failed", "chunks_embedded")
    return {name: getattr(outcome, name) for name in names if getattr(outcome, name)}


def move(source: Path, target: Path) -> None:
    source.rename(target)


async def test_a_new_file_is_found_by_its_words(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    outcome = await house.ingest.reconcile()
    assert counts(outcome) == {"added": 1, "chunks_embedded": 1}
    assert house.texts("note.md") == ["alpha"]


async def test_a_chunk_says_where_it_stands(house: House, folder: Path) -> None:
    (folder / "note.md").write_bytes(b"# One\n\nalpha\n\n# Two\n\nbeta\n")
    os.utime(folder / "note.md", ns=(0, 1_600_000_000_500_000_000))
    await house.ingest.reconcile()
    for ordinal, passage in enumerate(house.store().chunks("note.md")):
        chunk = passage.chunk
        raw = (folder / "note.md").read_bytes()[chunk.start_byte : chunk.end_byte]
        assert raw.decode() == chunk.text
        assert (passage.collection, passage.file) == ("notes", "note.md")
        assert (passage.ordinal, passage.size_bytes) == (ordinal, 26)
        assert passage.mtime_s == 1_600_000_000.5


async def test_an_edited_file_shows_its_new_words_only(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "note.md").write_text("beta and more")
    outcome = await house.ingest.reconcile()
    assert counts(outcome) == {"changed": 1, "chunks_embedded": 1}
    assert house.texts("note.md") == ["beta and more"]


async def test_a_deleted_file_leaves_no_chunks(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "note.md").unlink()
    outcome = await house.ingest.reconcile()
    assert counts(outcome) == {"deleted": 1}
    assert house.store().count() == 0
    assert house.ledger.rows("notes") == {}


async def test_nothing_new_is_no_work(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    outcome = await house.ingest.reconcile()
    assert (counts(outcome), outcome.unchanged) == ({}, 1)


async def test_only_the_edited_chunk_is_embedded(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("".join(PARTS))
    await house.ingest.reconcile()
    before = house.embedder.count
    (folder / "note.md").write_text("".join(PARTS).replace("subject3", "matter3"))
    await house.ingest.reconcile()
    assert before >= 5
    assert house.embedder.count - before == 1


async def test_a_renamed_file_is_not_embedded(house: House, folder: Path) -> None:
    (folder / "old.md").write_text("".join(PARTS))
    await house.ingest.reconcile()
    before, vectors = house.embedder.count, [e.vector for e in house.store().entries("old.md")]
    (folder / "deep").mkdir()
    (folder / "old.md").rename(folder / "deep/new.md")
    outcome = await house.ingest.reconcile()
    assert counts(outcome) == {"moved": 1}
    assert house.files() == ["deep/new.md"]
    assert house.embedder.count == before
    kept = [entry.vector for entry in house.store().entries("deep/new.md")]
    np.testing.assert_allclose(kept, vectors, atol=1e-3)


async def test_a_copy_is_not_embedded(house: House, folder: Path) -> None:
    (folder / "a.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "b.md").write_text("alpha")
    outcome = await house.ingest.reconcile()
    assert counts(outcome) == {"added": 1}
    assert house.files() == ["a.md", "b.md"]


@pytest.mark.parametrize("order", [("notes", "other"), ("other", "notes")])
async def test_a_file_that_changes_collection_is_not_embedded(
    house: House, folder: Path, order: tuple[str, str]
) -> None:
    (folder.parent / "other").mkdir()
    (folder / "a.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "a.md").rename(folder.parent / "other/b.md")
    for collection in order:
        await house.ingest.reconcile(collection)
    assert (house.files("notes"), house.files("other")) == ([], ["b.md"])
    assert house.embedder.count == 1


async def test_a_touched_file_is_not_parsed(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    os.utime(folder / "note.md", (0, 1_600_000_000))
    outcome = await house.ingest.reconcile()
    assert (counts(outcome), outcome.unchanged) == ({}, 1)
    assert house.store().files()[0].mtime_s == 1_600_000_000
    assert house.ledger.rows("notes")["note.md"].mtime_ns == 1_600_000_000 * 10**9


async def test_an_empty_file_has_no_chunks_and_is_no_failure(house: House, folder: Path) -> None:
    (folder / "empty.md").write_text("")
    assert counts(await house.ingest.reconcile()) == {"added": 1}
    status = house.ingest.status("notes")
    assert (status.indexed, status.failed, status.chunks) == (1, 0, 0)


async def test_an_unreadable_file_is_listed_and_stops_nothing(house: House, folder: Path) -> None:
    (folder / "bytes.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "note.md").write_text("alpha")
    assert counts(await house.ingest.reconcile()) == {
        "added": 1,
        "failed": 1,
        "chunks_embedded": 1,
    }
    status = house.ingest.status("notes")
    assert [failure.file for failure in status.failures] == ["bytes.txt"]
    assert status.failures[0].reason
    assert (status.state, status.indexed, status.failed) == ("idle", 1, 1)


async def test_an_unreadable_file_is_not_tried_again_until_it_changes(
    house: House, folder: Path
) -> None:
    (folder / "bytes.txt").write_bytes(bytes(range(256)) * 20)
    await house.ingest.reconcile()
    assert (await house.ingest.reconcile()).unchanged == 1
    assert house.ingest.status("notes").failed == 1
    (folder / "bytes.txt").write_text("words after all")
    await house.ingest.reconcile()
    assert house.texts("bytes.txt") == ["words after all"]
    assert house.ingest.status("notes").failed == 0


async def test_a_file_that_turns_unreadable_loses_its_old_chunks(
    house: House, folder: Path
) -> None:
    (folder / "a.txt").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "a.txt").write_bytes(bytes(range(256)) * 20)
    await house.ingest.reconcile()
    assert house.store().count() == 0


async def test_a_broken_pdf_fails_alone(house: House, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 50)
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    assert house.files() == ["note.md"]
    assert [one.file for one in house.ingest.status("notes").failures] == ["broken.pdf"]


async def test_an_enormous_file_is_skipped_and_listed(
    settings: Settings, build: Build, folder: Path
) -> None:
    house = build(replace(settings, ingest=IngestSettings(file_limit_bytes=100)))
    (folder / "large.md").write_text("x" * 101)
    outcome = await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert (outcome.skipped, status.skipped, status.failed) == (1, 1, 0)
    assert [one.file for one in status.left_out] == ["large.md"]


async def test_a_file_that_outgrows_the_limit_leaves_the_index(
    settings: Settings, build: Build, folder: Path
) -> None:
    house = build(replace(settings, ingest=IngestSettings(file_limit_bytes=100)))
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "note.md").write_text("alpha " * 100)
    await house.ingest.reconcile()
    assert house.files() == []


async def test_newly_ignored_files_leave_the_index(house: House, folder: Path) -> None:
    (folder / "a.md").write_text("alpha")
    (folder / "b.md").write_text("beta")
    await house.ingest.reconcile()
    (folder / ".gitignore").write_text("b.md\n")
    await house.ingest.reconcile()
    assert house.files() == ["a.md"]


async def test_a_vanished_folder_keeps_its_chunks_and_says_so(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    move(folder, folder.parent.parent / "elsewhere")
    outcome = await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert outcome.deleted == 0
    assert (status.state, status.chunks) == ("failed", 1)
    assert "'notes'" in status.problem
    assert str(folder.parent) not in status.problem
    assert house.texts("note.md") == ["alpha"]


async def test_a_folder_that_returns_is_reconciled(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    (folder / "old.md").write_text("beta")
    await house.ingest.reconcile()
    away = folder.parent.parent / "elsewhere"
    move(folder, away)
    await house.ingest.reconcile()
    (away / "old.md").unlink()
    move(away, folder)
    outcome = await house.ingest.reconcile()
    assert (outcome.deleted, outcome.unchanged) == (1, 1)
    assert house.ingest.status("notes").state == "idle"


async def test_a_folder_gone_before_a_restart_still_keeps_its_chunks(
    build: Build, folder: Path
) -> None:
    (folder / "note.md").write_text("alpha")
    first = build()
    await first.ingest.reconcile()
    await first.ingest.close()
    first.close_stores()
    move(folder, folder.parent.parent / "elsewhere")
    second = build()
    await second.ingest.reconcile()
    assert second.ingest.status("notes").state == "failed"
    assert second.texts("note.md") == ["alpha"]


async def test_other_settings_of_chunking_read_everything_again(
    settings: Settings, build: Build, folder: Path
) -> None:
    (folder / "note.md").write_text("".join(PARTS))
    first = build()
    await first.ingest.reconcile()
    first.close_stores()
    second = build(replace(settings, chunking=Chunking(limit_tokens=64)))
    outcome = await second.ingest.reconcile()
    assert outcome.changed == 1
    assert all(passage.chunk.tokens <= 64 for passage in second.store().chunks("note.md"))


async def test_a_full_disk_half_way_is_said_and_made_up_for(build: Build, folder: Path) -> None:
    for n in range(80):
        (folder / f"{n:02}.md").write_text(f"note number {n}")
    house = build(limit=64)
    await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert (status.state, status.problem) == (
        "failed",
        "No space left on device; the next scan tries again",
    )
    house.embedder.limit = None
    await house.ingest.reconcile()
    assert len(house.files()) == 80
    assert house.ingest.status("notes").state == "idle"


async def test_a_lost_ledger_is_made_anew_from_the_store(
    settings: Settings, build: Build, folder: Path
) -> None:
    (folder / "kept.md").write_text("alpha")
    (folder / "gone.md").write_text("beta")
    first = build()
    await first.ingest.reconcile()
    first.close_stores()
    (settings.data_dir / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    (folder / "gone.md").unlink()
    second = build()
    await second.ingest.reconcile()
    assert second.files() == ["kept.md"]
    assert list(second.ledger.rows("notes")) == ["kept.md"]
    assert second.embedder.count == 0


async def test_a_lost_store_is_filled_again(settings: Settings, build: Build, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    first = build()
    await first.ingest.reconcile()
    first.close_stores()
    shutil.rmtree(settings.data_dir / "stores")
    second = build()
    await second.ingest.reconcile()
    assert second.texts("note.md") == ["alpha"]


async def test_a_restart_finds_nothing_to_do(build: Build, folder: Path) -> None:
    (folder / "note.md").write_text("alpha")
    first = build()
    await first.ingest.reconcile()
    first.close_stores()
    second = build()
    outcome = await second.ingest.reconcile()
    assert (counts(outcome), outcome.unchanged) == ({}, 1)


async def test_many_bytes_are_parsed_in_processes_to_the_same_index(
    settings: Settings, build: Build, folder: Path
) -> None:
    line = "A sentence about nothing in particular, in a file of many like it. " * 8 + "\n\n"
    names = [f"{n}.md" for n in range(4)]
    for name in names:
        (folder / name).write_text(f"note {name}\n\n" + line * 1000)
    many = build()
    await many.ingest.reconcile()
    few = build(replace(settings, paths=replace(settings.paths, data="second")))
    for name in names:
        (folder / name).rename(folder / f".{name}")
    for name in names:  # one by one each is too small for processes
        (folder / f".{name}").rename(folder / name)
        await few.ingest.reconcile()
    assert many.files() == few.files() == names
    for name in names:
        left, right = many.store().entries(name), few.store().entries(name)
        assert [one.passage for one in left] == [one.passage for one in right]
        assert [one.terms for one in left] == [one.terms for one in right]
