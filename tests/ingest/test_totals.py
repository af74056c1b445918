import time
from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.test_watch import until
from trinax.ingest.records import Outcome
from trinax.ingest.totals import Lateness, Totals


def test_outcomes_add_up() -> None:
    totals = Totals()
    totals.done(Outcome(added=2, chunks_embedded=5, seconds=0.5))
    totals.done(Outcome(added=1, deleted=3, seconds=1.0))
    totals.ended("failed")
    sums = totals.sums()
    assert sums.runs == {"done": 2, "failed": 1}
    assert (sums.files["added"], sums.files["deleted"], sums.files["chunks_embedded"]) == (3, 3, 5)
    assert sums.seconds == 1.5


def test_nothing_waits_where_nothing_changed() -> None:
    late = Lateness()
    late.begun("notes")
    late.done("notes")
    assert late.age_s("notes") == 0


def test_a_change_waits_until_a_run_that_saw_it_is_done() -> None:
    late = Lateness()
    late.changed("notes")
    time.sleep(0.02)
    assert late.age_s("notes") >= 0.02
    late.begun("notes")
    assert late.age_s("notes") >= 0.02
    late.done("notes")
    assert late.age_s("notes") == 0


def test_what_comes_during_a_run_waits_for_the_next() -> None:
    late = Lateness()
    late.changed("notes")
    late.begun("notes")
    time.sleep(0.02)
    late.changed("notes")
    late.done("notes")
    assert 0 < late.age_s("notes") < 0.02


def test_a_run_that_fails_leaves_its_changes_waiting() -> None:
    late = Lateness()
    late.changed("notes")
    late.begun("notes")
    time.sleep(0.02)
    late.changed("notes")
    late.begun("notes")
    assert late.age_s("notes") >= 0.02


def test_collections_wait_apart() -> None:
    late = Lateness()
    late.changed("notes")
    assert late.age_s("other") == 0


@pytest.mark.slow
async def test_a_change_is_late_until_it_is_indexed(house: House, folder: Path) -> None:
    await house.ingest.start()
    await house.ingest.wait_idle()
    totals, late = house.ingest.reconciler.totals, house.ingest.reconciler.lateness
    before = totals.sums().files["added"]
    async with house.ingest.alone("notes"):  # nothing can be indexed meanwhile
        (folder / "late.md").write_text("Better late than never.")
        await until(lambda: late.age_s("notes") > 0)
    await until(lambda: late.age_s("notes") == 0)
    assert house.files() == ["late.md"]
    assert totals.sums().files["added"] == before + 1


@pytest.mark.slow
async def test_a_file_that_is_still_written_is_late_until_it_rests(
    house: House, folder: Path
) -> None:
    await house.ingest.start()
    await house.ingest.wait_idle()
    late = house.ingest.reconciler.lateness
    (folder / "large.md").write_text("It is not at rest yet.\n" * 50_000)
    await until(lambda: late.age_s("notes") > 1.0)
    assert house.files() == []
    await until(lambda: late.age_s("notes") == 0)
    assert house.files() == ["large.md"]
