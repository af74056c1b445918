"""Processes that are killed half way through indexing; `make crash` kills many more."""

from pathlib import Path

import anyio
import pytest

from tests.ingest import killing
from tests.ingest.conftest import Build, House
from trinax.index.ids import id_bytes, ids_digest

KILLS = 6


@pytest.mark.slow
async def test_after_any_kill_the_index_is_one_from_scratch(tmp_path: Path) -> None:
    done = await anyio.to_thread.run_sync(lambda: list(killing.killed(tmp_path, KILLS, seed=7)))
    assert len(done) == KILLS
    assert any(was_compared for _, _, was_compared in done)


async def test_chunks_that_were_lost_and_are_as_many_are_noticed(
    build: Build, folder: Path
) -> None:
    (folder / "note.md").write_text("alpha")
    first = build()
    await first.ingest.reconcile()
    stale = first.everything()
    (folder / "note.md").write_text("gamma")
    await first.ingest.reconcile()
    # As after a loss of power that the ledger survived and the store did not.
    first.store().replace({file: tuple(entries) for file, entries in stale.items()})
    first.close_stores()
    second = build()
    await second.ingest.reconcile()
    assert second.texts("note.md") == ["gamma"]


async def test_a_store_that_fails_half_way_is_looked_at_again(build: Build, folder: Path) -> None:
    for n in range(3):
        (folder / f"{n}.md").write_text(f"alpha {n}")
    house = build()
    await house.ingest.reconcile()
    (folder / "0.md").unlink()
    house.ledger.delete("notes", ["0.md"])
    house.embedder.limit = 0
    (folder / "1.md").write_text("cannot be embedded")
    await house.ingest.reconcile()
    assert house.ingest.status("notes").state == "failed"
    house.embedder.limit = None
    await house.ingest.reconcile()
    assert house.files() == ["1.md", "2.md"]


async def test_every_row_knows_its_chunks(house: House, folder: Path) -> None:
    (folder / "note.md").write_text("# One\n\nalpha\n\n# Two\n\nbeta\n")
    await house.ingest.reconcile()
    ids = [one.chunk.id for one in house.store().chunks("note.md")]
    assert house.ledger.rows("notes")["note.md"].ids == ids_digest(map(id_bytes, ids))
