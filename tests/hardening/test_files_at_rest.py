import os
import signal
import stat
from pathlib import Path

import httpx
import pytest

from tests.cli.test_serve import serving, start

pytestmark = pytest.mark.slow


def wider(folder: Path) -> list[str]:
    """What others than the owner may do anything with."""
    paths = [folder, *folder.rglob("*")]
    return [
        str(path.relative_to(folder)) for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def test_all_that_a_server_writes_is_its_owners(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with serving(tmp_path) as served:
            served.run("search", "kettle")
            httpx.get(f"{served.url}/v1/sources?collection=notes", trust_env=False)
            served.run("keys", "create", "--name", "laptop", "--scopes", "chat")
            assert {"server.json", "ledger.sqlite", "index"} <= {*os.listdir(served.data_dir)}
            assert wider(served.data_dir) == []
        assert (served.data_dir / "audit.jsonl").exists()
        assert wider(served.data_dir) == []
        assert stat.S_IMODE((tmp_path / "collections/notes/kettle.md").stat().st_mode) == 0o644
    finally:
        os.umask(before)


def test_a_data_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "var/index").mkdir(parents=True)
    (tmp_path / "var").chmod(0o755)
    (tmp_path / "var/old.sqlite").touch(0o644)
    with start(tmp_path, "--port", "0") as process:
        assert process.stdout
        process.stdout.readline()
        assert wider(tmp_path / "var") == []
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
