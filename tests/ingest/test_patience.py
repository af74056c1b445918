import os
import time
from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.test_watch import until
from trinax.documents.opening import Place
from trinax.ingest.patience import LARGE_BYTES, RETRIES, RETRY_S, Patience
from trinax.ingest.scan import Found

PLACE = Place(Path("/x"), "a")


def found(file: str, size_bytes: int, age_s: float = 0.0) -> Found:
    return Found(file, PLACE, size_bytes, time.time_ns() - int(age_s * 1e9))


def large() -> Found:
    """That has just changed."""
    return found("large", LARGE_BYTES)


SMALL = found("small", 10)
OLD = found("old", LARGE_BYTES, age_s=100)


def test_a_large_file_that_has_just_changed_is_left_for_later() -> None:
    patience = Patience()
    assert patience.rested("notes", [large(), SMALL, OLD], quiet_s=50.0) == (SMALL, OLD)
    assert patience.again_s("notes") == 50.0


def test_at_rest_nothing_is_left() -> None:
    patience = Patience()
    patience.rested("notes", [large()], quiet_s=50.0)
    assert patience.rested("notes", [OLD], quiet_s=50.0) == (OLD,)
    assert patience.again_s("notes") is None


def test_who_asks_for_it_gets_all_at_once() -> None:
    one = large()
    assert Patience().rested("notes", [one], quiet_s=0.0) == (one,)


def test_a_file_from_the_future_is_not_waited_for() -> None:
    future = found("large", LARGE_BYTES, age_s=-1e6)
    assert Patience().rested("notes", [future], quiet_s=50.0) == (future,)


def test_a_file_that_never_rests_is_taken_as_it_is() -> None:
    one = large()
    assert Patience(held_s=0.0).rested("notes", [one], quiet_s=50.0) == (one,)


def test_what_was_missed_is_looked_at_again_ever_later_and_then_no_more() -> None:
    patience = Patience()
    waits = []
    for _ in range(RETRIES + 1):
        patience.rested("notes", [], quiet_s=1.0)
        patience.ended("notes", missed=True)
        waits.append(patience.again_s("notes"))
    assert waits == [*(RETRY_S * 2**n for n in range(RETRIES)), None]
    patience.ended("notes", missed=False)
    patience.ended("notes", missed=True)
    assert patience.again_s("notes") == RETRY_S


@pytest.mark.slow
async def test_a_large_file_is_indexed_once_it_is_whole(house: House, folder: Path) -> None:
    await house.ingest.start()
    await house.ingest.wait_idle()
    part = "A line of a long text, and no two of them need be the same.\n" * 10_000
    with (folder / "long.md").open("w") as file:
        file.write(part * 2)
        for _ in range(3):
            file.write("One more line of it.\n")
            file.flush()
            await house.ingest.reconcile()
            assert house.files() == []
        file.write("The very last line.\n")
    await until(lambda: house.files() == ["long.md"], 60.0)
    await house.ingest.wait_idle()
    assert house.texts("long.md")[-1].endswith("The very last line.")
    assert house.embedder.count <= house.store().count()


async def test_what_a_person_asks_for_is_not_waited_for(house: House, folder: Path) -> None:
    (folder / "long.md").write_text("words\n\n" * (LARGE_BYTES // 7 + 1))
    await house.ingest.reconcile()
    assert house.files() == ["long.md"]


async def test_a_file_that_changes_without_another_size_or_time_is_read(
    house: House, folder: Path
) -> None:
    note = folder / "note.md"
    note.write_text("alpha")
    os.utime(note, (0, 1_600_000_000))
    await house.ingest.reconcile()
    await until(lambda: time.time_ns() - note.stat().st_ctime_ns > 60_000_000)
    await house.ingest.reconcile()
    note.write_text("gamma")
    os.utime(note, (0, 1_600_000_000))
    await house.ingest.reconcile()
    assert house.texts("note.md") == ["gamma"]


@pytest.mark.parametrize("mtime_s", [0, 1, 4_000_000_000])
async def test_any_time_of_a_file_is_as_good_as_another(
    house: House, folder: Path, mtime_s: int
) -> None:
    note = folder / "note.md"
    note.write_text("alpha")
    await house.ingest.reconcile()
    note.write_text("gamma")
    os.utime(note, (mtime_s, mtime_s))
    await house.ingest.reconcile()
    assert house.texts("note.md") == ["gamma"]
    assert house.store().files()[0].mtime_s == mtime_s


async def test_a_copied_tree_is_read_and_not_embedded(house: House, folder: Path) -> None:
    """As a backup that was restored: other inodes, other times of change."""
    (folder / "note.md").write_text("alpha")
    os.utime(folder / "note.md", (0, 1_600_000_000))
    await house.ingest.reconcile()
    (folder / "copy").write_text("alpha")
    os.utime(folder / "copy", (0, 1_600_000_000))
    (folder / "copy").rename(folder / "note.md")
    outcome = await house.ingest.reconcile()
    assert (outcome.changed, outcome.unchanged) == (0, 1)
    assert house.embedder.count == 1
