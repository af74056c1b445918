"""A process that is killed half way through indexing."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from tests.ingest.conftest import Build
from trinax.settings import Settings

FILES = 800
PROGRAM = """
import asyncio, sys
from pathlib import Path
from trinax.embedding.static import StaticEmbedder
from trinax.index.edge import EdgeStore
from trinax.index.ledger import Ledger
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.settings import Settings

settings = Settings(base=Path(sys.argv[1]))
embedder = StaticEmbedder()
stores = settings.data_dir / "stores"

def opened(id):
    return EdgeStore(stores / id, id, embedder.width, embedder.fingerprint)

async def main():
    ledger = Ledger(settings.data_dir / "ledger.sqlite")
    await Ingest(settings, Registry(opened), ledger, embedder).reconcile()

asyncio.run(main())
"""


def rows(ledger: Path) -> int:
    if not ledger.exists():
        return 0
    try:
        with closing(sqlite3.connect(ledger)) as connection:
            return int(connection.execute("SELECT count(*) FROM files").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet, or locked for a moment
        return 0


def index_and_die(settings: Settings, limit_s: float = 60.0) -> None:
    """Returns once the process is dead; it had begun to write."""
    ledger = settings.data_dir / "ledger.sqlite"
    deadline_s = time.monotonic() + limit_s
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(settings.base)]) as process:
        while not rows(ledger) and time.monotonic() < deadline_s:
            pass
        process.kill()


@pytest.mark.slow
async def test_a_killed_process_leaves_an_index_that_the_next_one_completes(
    settings: Settings, build: Build, folder: Path
) -> None:
    for n in range(FILES):
        (folder / f"{n:03}.md").write_text(f"# Note {n}\n\n" + f"words of note {n} " * 60)
    await anyio.to_thread.run_sync(index_and_die, settings)
    killed = build()
    before = len(killed.ledger.rows("notes"))
    await killed.ingest.reconcile()
    clean = build(replace(settings, paths=replace(settings.paths, data="second")))
    await clean.ingest.reconcile()
    assert 0 < before < FILES
    assert killed.ledger.rows("notes") == clean.ledger.rows("notes")
    left, right = killed.everything(), clean.everything()
    assert left.keys() == right.keys()
    for file, entries in left.items():
        assert [one.passage for one in entries] == [one.passage for one in right[file]]
