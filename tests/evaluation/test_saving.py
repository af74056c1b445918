import asyncio
from pathlib import Path

import pytest

from trinax.evaluation.saving import measured


@pytest.mark.slow
def test_what_a_backup_takes_is_measured(tmp_path: Path) -> None:
    lines = asyncio.run(measured(tmp_path, chunks=80, alone_s=0.1))
    assert [line.partition(":")[0] for line in lines[1:-1]] == [
        "search alone",
        "search beside backups and edits",
        "backup",
        "an edit waits",
        "comparing",
        "restoring",
        "first look at all documents after it",
    ]
    assert lines[-1] == "2 files unchanged, 0 chunks embedded"
