import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.hostile.corpus import GOOD, put
from tests.ingest.hostile.samples import samples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# What the server takes for the 100 000 chunks of these files; a parser has a limit of its own.
BLOAT_BYTES = 600_000_000


def resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def everything_in(folder: Path) -> Iterator[str]:
    """All that lies in a folder but folders, by path, as it is shown."""
    for place, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = os.path.relpath(os.path.join(place, name), os.fsencode(folder))
            yield path.decode("utf-8", "backslashreplace")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read in /proc")
async def test_hostile_files_stop_nothing(house: House, folder: Path) -> None:
    assert put(folder) >= 200
    before = resident_bytes()
    outcome = await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert status.state == "idle"
    for whole in (*(f"whole.{suffix}" for suffix in samples()), *goods()):
        assert house.texts(whole), whole
    told = {one.file for one in (*status.failures, *status.left_out) if one.reason}
    rows = house.ledger.rows("notes").values()
    indexed = {row.file for row in rows if row.outcome == "indexed"}
    assert set(everything_in(folder)) - indexed - told == set()
    assert outcome.failed == status.failed
    assert resident_bytes() - before < BLOAT_BYTES

    again = await house.ingest.reconcile()
    assert (again.added, again.changed, again.chunks_embedded) == (0, 0, 0)


def goods() -> list[str]:
    return [f"{'az'[n % 2]}-good-{n}.md" for n in range(GOOD)]
