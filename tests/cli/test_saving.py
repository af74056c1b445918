import json
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from tests.cli.test_serve import Served, places, serving, start
from trinax.cli import main

pytestmark = pytest.mark.slow

ASKED = "At which temperature does the kettle in the lab boil?"


def run(folder: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), *places(folder)])


@contextmanager
def started(folder: Path) -> Iterator[Served]:
    """A server over what is there."""
    with start(folder, "--port", "0") as process:
        try:
            assert process.stdout
            url = re.search(r"http://\S+", process.stdout.readline())
            assert url
            yield Served(folder, url[0], process)
        finally:
            process.kill()


def ended(served: Served) -> str:
    """What it said on stderr."""
    served.process.terminate()
    return served.process.communicate(timeout=20)[1]


def hits(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [hit | {"score": round(hit["score"], 5)} for hit in json.loads(result.stdout)["hits"]]


def test_a_backup_of_a_running_server_serves_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with serving(tmp_path / "here") as here:
        assert here.run("index", str(here.folder / "collections" / "notes")).exit_code == 0
        here.run("keys", "create", "--name", "laptop", "--scopes", "chat")
        before = hits(here.run("search", ASKED, "--json"))
        made = here.run("backup", str(file))
        assert made.exit_code == 0, made.output
        assert re.search(r"whole; notes, and 1 documents, as of 20", made.stdout)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        refused = here.run("restore", str(file), "--force")
        assert (refused.exit_code, "data folder is in use" in refused.stderr) == (1, True)
    there = tmp_path / "there"
    restored = run(there, "restore", file)
    assert restored.exit_code == 0, restored.output
    assert "notes; 1 documents were missing and are there again" in restored.stdout
    with started(there) as served:
        assert hits(served.run("search", ASKED, "--json")) == before
        assert [row["name"] for row in json.loads(served.run("keys", "list", "--json").stdout)] == [
            "laptop"
        ]
        complaint = ended(served)
    assert complaint == ""


def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as here:
        incoming = here.data_dir / "incoming"
        with (
            httpx.Client(trust_env=False) as http,
            http.stream("GET", f"{here.url}/v1/backup") as got,
        ):
            next(got.iter_raw(1))
        deadline_s = time.monotonic() + 20
        while list(incoming.glob("*")):
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
        assert here.run("backup", str(tmp_path / "a.tar")).exit_code == 0


def test_a_backup_at_rest_is_compared_and_restored(tmp_path: Path) -> None:
    (tmp_path / "collections" / "notes").mkdir(parents=True)
    (tmp_path / "collections" / "notes" / "kettle.md").write_text("# Kettle\n\n94 degrees\n")
    assert hits(run(tmp_path, "search", "kettle", "--json"))
    made = json.loads(run(tmp_path, "backup", tmp_path / "a.tar", "--json").stdout)
    assert [one["id"] for one in made["collections"]] == ["notes"]
    verified = run(tmp_path, "backup", "--verify", tmp_path / "a.tar", "--json")
    assert json.loads(verified.stdout) == made
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "collections", "var"]
    refused = run(tmp_path, "restore", tmp_path / "a.tar")
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    restored = json.loads(run(tmp_path, "restore", "--force", tmp_path / "a.tar", "--json").stdout)
    assert restored["documents"] == {"added": 0, "unchanged": 1, "kept": []}
    assert restored["aside"] == str(tmp_path / "var" / "before-restore-1")
    assert hits(run(tmp_path, "search", "kettle", "--json"))


def test_a_broken_backup_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"no tar")
    for arguments in (["backup", "--verify"], ["restore"]):
        result = run(tmp_path, *arguments, tmp_path / "a.tar")
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
        assert "The backup cannot be used, nothing was changed" in result.stderr


def test_without_a_data_folder_there_is_nothing_to_save(tmp_path: Path) -> None:
    result = run(tmp_path, "backup", tmp_path / "a.tar")
    assert (result.exit_code, "nothing is to be saved" in result.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "collections" / "notes").mkdir(parents=True)
    run(tmp_path, "search", "kettle")
    result = run(tmp_path, "backup", tmp_path / "no" / "a.tar")
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


@pytest.mark.parametrize("name", ["ledger.sqlite", "access.sqlite"])
def test_a_data_folder_of_a_newer_trinax_is_refused_and_left_alone(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / name)) as newer:
        newer.execute("CREATE TABLE later (n)")
        newer.execute("PRAGMA user_version = 9")
    before = (tmp_path / "var" / name).read_bytes()
    result = run(tmp_path, "search", "kettle")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert f"A newer trinax wrote {name}: it has version 9, and this one knows" in result.stderr
    assert (tmp_path / "var" / name).read_bytes() == before


def test_a_corrupt_index_is_rebuilt_aloud_while_others_serve(tmp_path: Path) -> None:
    for name in ("notes", "sound"):
        (tmp_path / "collections" / name).mkdir(parents=True)
        (tmp_path / "collections" / name / "kettle.md").write_text(f"# {name}\n\nThe kettle.\n")
    assert len(hits(run(tmp_path, "search", "kettle", "--json"))) == 2
    (tmp_path / "var/index/notes/shard/edge_config.json").write_text("garbage")
    with started(tmp_path) as served:
        assert hits(served.run("search", "kettle", "--collection", "sound", "--json"))
        served.run("index", str(tmp_path / "collections" / "notes"))
        assert hits(served.run("search", "kettle", "--collection", "notes", "--json"))
        rows = json.loads(served.run("collections", "list", "--json").stdout)["collections"]
        notices = {row["id"]: row["notice"] for row in rows}
        assert "found corrupt" in notices["notes"]
        assert "shard.corrupt-1" in notices["notes"]
        assert notices["sound"] == ""
        checks = json.loads(served.run("doctor", "--json").stdout)
        assert [
            one["message"].partition(" and is")[0]
            for one in checks
            if one["name"] == "collections" and one["level"] == "warn"
        ] == ["notes: its index was found corrupt"]
        complaint = ended(served)
    assert "Set aside as shard.corrupt-1" in complaint
