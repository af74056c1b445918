import asyncio
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import KEY
from tests.backup.saving import held, indexed, parted, restored, saved, searched
from trinax.access.keyring import FILE, Keyring
from trinax.access.quotas import Quotas
from trinax.app import open_parts
from trinax.backup.restoring import Restoring
from trinax.backup.switching import ARRIVED, MOVING, settle
from trinax.errors import BadBackup, DataThere, StoreLocked
from trinax.index.lock import FolderLock
from trinax.ingest.records import Outcome
from trinax.settings import Paths, Settings

QUESTION = "At how many degrees does the kettle boil?"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_all_is_found_again(origin: Settings, file: Path, elsewhere: Settings) -> None:
    found = restored(file, elsewhere)
    assert (found.added, found.unchanged, found.kept, found.aside) == (4, 0, (), "")
    assert held(elsewhere) == held(origin)
    assert parted(elsewhere) == []
    assert searched(elsewhere, QUESTION) == searched(origin, QUESTION)
    with closing(Keyring(elsewhere.data_dir / FILE)) as keyring:
        assert keyring.find(KEY.digest) == KEY
    assert Quotas(elsewhere.data_dir / FILE).used("k1", "web_search") == {"2026-11-29": 1}
    assert (elsewhere.data_dir / "audit.jsonl").read_text() == '{"at": "2026-11-29"}\n'
    assert (elsewhere.collections_dir / "empty").is_dir()


def test_nothing_is_read_into_the_index_again(
    origin: Settings, file: Path, elsewhere: Settings
) -> None:
    restored(file, elsewhere)
    before = held(elsewhere)
    assert replace(indexed(elsewhere), seconds=0.0) == Outcome(unchanged=4, skipped=1)
    assert held(elsewhere) == before


def test_only_what_changed_meanwhile_is(origin: Settings, file: Path, elsewhere: Settings) -> None:
    restored(file, elsewhere)
    notes = elsewhere.collections_dir / "My Notes"
    (notes / "kettle.md").write_text("# Kettle\n\nIt boils at 96 degrees now.\n")
    (notes / "new.md").write_text("# New\n\nwords\n")
    outcome = indexed(elsewhere)
    assert (outcome.changed, outcome.added, outcome.chunks_embedded) == (1, 1, 2)


def test_documents_keep_time_and_mode(origin: Settings, file: Path, elsewhere: Settings) -> None:
    restored(file, elsewhere)
    for name in ("My Notes/kettle.md", "My Notes/deep/er/lamp.md"):
        before = (origin.collections_dir / name).stat()
        after = (elsewhere.collections_dir / name).stat()
        assert (after.st_mtime_ns, after.st_mode) == (before.st_mtime_ns, before.st_mode)


def test_documents_that_are_there_are_not_written_over(file: Path, elsewhere: Settings) -> None:
    notes = elsewhere.collections_dir / "My Notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("mine")
    (notes / "deep").write_text("a file where a folder was")
    (notes / "odd *?.md").write_text("# Odd\n\nA name that Windows cannot keep.\n")
    found = restored(file, elsewhere)
    assert found.kept == ("My Notes/deep/er/lamp.md", "My Notes/kettle.md")
    assert (found.added, found.unchanged) == (1, 1)
    assert (notes / "kettle.md").read_text() == "mine"
    assert [path.name for path in elsewhere.collections_dir.iterdir() if path.name[0] == "."] == []


def test_no_link_is_followed(file: Path, elsewhere: Settings, tmp_path: Path) -> None:
    notes = elsewhere.collections_dir / "My Notes"
    (tmp_path / "aim").mkdir()
    notes.mkdir(parents=True)
    (notes / "deep").symlink_to(tmp_path / "aim")
    (notes / "kettle.md").symlink_to(tmp_path / "aim" / "kettle.md")
    assert len(restored(file, elsewhere).kept) == 2
    assert list((tmp_path / "aim").iterdir()) == []


def test_without_documents_the_collections_folder_is_left_alone(
    file: Path, elsewhere: Settings
) -> None:
    restored(file, elsewhere, documents=False)
    assert not elsewhere.collections_dir.exists()
    assert [*held(elsewhere)] == ["empty", "manuals", "my-notes"]


def test_a_data_folder_that_is_not_empty_is_left_alone(file: Path, elsewhere: Settings) -> None:
    elsewhere.data_dir.mkdir(parents=True)
    (elsewhere.data_dir / "ledger.sqlite").write_bytes(b"dear to me")
    with pytest.raises(DataThere, match=r"it holds 'ledger.sqlite'"):
        Restoring(file, elsewhere)
    assert tree(elsewhere.base) == {"var/ledger.sqlite": b"dear to me"}


def test_with_force_what_was_there_is_moved_aside(file: Path, elsewhere: Settings) -> None:
    elsewhere.data_dir.mkdir(parents=True)
    (elsewhere.data_dir / "ledger.sqlite").write_bytes(b"dear to me")
    for n in (1, 2):
        assert restored(file, elsewhere, force=True).aside == f"before-restore-{n}"
    aside = elsewhere.data_dir / "before-restore-1"
    assert tree(aside) == {"ledger.sqlite": b"dear to me"}
    assert [*held(elsewhere)] == ["empty", "manuals", "my-notes"]


@pytest.mark.parametrize("models", ["", "var/deep/models"])
def test_models_stay_where_they_are(file: Path, elsewhere: Settings, models: str) -> None:
    settings = replace(elsewhere, paths=Paths(models=models))
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "a.gguf").write_bytes(b"GGUF")
    restored(file, settings)
    restored(file, settings, force=True)
    assert (settings.models_dir / "a.gguf").read_bytes() == b"GGUF"


def test_a_server_that_runs_is_not_disturbed(file: Path, elsewhere: Settings) -> None:
    lock = FolderLock(elsewhere.data_dir)
    with pytest.raises(StoreLocked):
        Restoring(file, elsewhere, force=True)
    lock.close()


@pytest.mark.parametrize("place", [b"boils at 94", b"laptop", b"The centrifuge"])
def test_a_damaged_one_changes_nothing(
    file: Path, elsewhere: Settings, tmp_path: Path, place: bytes
) -> None:
    (tmp_path / "bad.tar").write_bytes(file.read_bytes().replace(place, place.upper()))
    elsewhere.data_dir.mkdir(parents=True)
    (elsewhere.data_dir / "ledger.sqlite").write_bytes(b"dear to me")
    with pytest.raises(BadBackup):
        restored(tmp_path / "bad.tar", elsewhere, force=True)
    assert tree(elsewhere.base) == {"var/ledger.sqlite": b"dear to me"}


def test_an_older_ledger_comes_forward(
    origin: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    older = replace(origin, base=tmp_path / "older")
    shutil.copytree(origin.base, older.base)
    with closing(sqlite3.connect(older.data_dir / "ledger.sqlite")) as ledger:
        for column in ("ids", "ctime_ns"):
            ledger.execute(f"ALTER TABLE files DROP COLUMN {column}")
        ledger.execute("DROP TABLE retired")
        ledger.execute("PRAGMA user_version = 1")
    with closing(sqlite3.connect(older.data_dir / FILE)) as keys:
        keys.execute("PRAGMA user_version = 0")
    restored(saved(older, tmp_path / "older.tar"), elsewhere)
    assert indexed(elsewhere).chunks_embedded == 0
    with closing(Keyring(elsewhere.data_dir / FILE)) as keyring:
        assert keyring.find(KEY.digest) == KEY


def test_all_that_was_restored_is_its_owners(file: Path, elsewhere: Settings) -> None:
    before = os.umask(0o022)
    try:
        restored(file, elsewhere)
        paths = [elsewhere.data_dir, *elsewhere.data_dir.rglob("*")]
        assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    finally:
        os.umask(before)


@pytest.mark.parametrize("steps", range(8))
def test_a_switch_that_a_crash_broke_off_is_brought_to_its_end(tmp_path: Path, steps: int) -> None:
    data_dir, models_dir = tmp_path / "var", tmp_path / "models"
    for name in ("index", "ledger.sqlite", "paused.json"):
        for folder in (data_dir, data_dir / ARRIVED):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(folder.name)
    broken_off(data_dir, steps)
    for _ in range(2):
        settle(data_dir, models_dir)
    assert not (data_dir / ARRIVED).exists()
    assert not (data_dir / MOVING).exists()
    for name in ("index", "ledger.sqlite", "paused.json"):
        assert (data_dir / name).read_text() == ARRIVED
        assert [path.read_text() for path in data_dir.glob(f"before-restore-*/{name}")] == ["var"]


def broken_off(data_dir: Path, steps: int) -> None:
    """As settle() does it, step by step, up to one of them."""
    names = ("index", "ledger.sqlite", "paused.json")
    (data_dir / "before-restore-1").mkdir()
    moves = [(data_dir / name, data_dir / "before-restore-1" / name) for name in names]
    moves.append((data_dir / ARRIVED, data_dir / MOVING))
    moves += [(data_dir / MOVING / name, data_dir / name) for name in names]
    for source, target in moves[:steps]:
        source.rename(target)


def test_the_next_start_brings_it_to_its_end(file: Path, elsewhere: Settings) -> None:
    restored(file, elsewhere)
    data_dir = elsewhere.data_dir
    whole = {path.name for path in data_dir.iterdir()} - {"lock"}
    (data_dir / ARRIVED).mkdir()
    for name in whole:
        (data_dir / name).rename(data_dir / ARRIVED / name)

    async def opened() -> list[str]:
        async with open_parts(elsewhere) as parts:
            return parts.registry.ids()

    assert asyncio.run(opened()) == ["empty", "manuals", "my-notes"]
