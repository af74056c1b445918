import os
import time
from pathlib import Path

import pytest

from trinax.cli.surroundings import (
    clock,
    holder,
    open_files,
    room,
    strangers,
    surroundings,
    unreadable,
    watches,
)
from trinax.index.lock import FolderLock
from trinax.settings import Settings

not_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    folder = tmp_path / "inotify"
    folder.mkdir()
    (folder / "max_user_watches").write_text("3\n")
    return folder


def test_room_is_told_for_a_folder_that_is_yet_to_be_made(tmp_path: Path) -> None:
    check = room(tmp_path / "a" / "b")
    assert check.message.endswith(f"free for {tmp_path / 'a' / 'b'}")


def test_a_full_disk_is_a_failure() -> None:
    check = room(Path("/proc"))  # it has no room at all
    assert (check.level, check.message) == ("fail", "0 B free for /proc")
    assert check.advice


def test_as_many_folders_as_watches_are_a_warning(tmp_path: Path, limits: Path) -> None:
    notes = tmp_path / "notes"
    for name in ("a", "b"):
        (notes / name).mkdir(parents=True)
    (check,) = watches([notes], limits)
    assert (check.level, check.message) == ("warn", "3 folders to watch, 3 watches for each user")
    assert "fs.inotify.max_user_watches=524288" in check.advice


def test_fewer_folders_than_watches_are_fine(tmp_path: Path, limits: Path) -> None:
    assert [check.level for check in watches([tmp_path / "none"], limits)] == ["ok"]


def test_without_inotify_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert [*watches([tmp_path], tmp_path / "none")] == []


def test_more_connections_than_open_files_are_a_warning() -> None:
    (check,) = open_files(10**9)
    assert check.level == "warn"
    assert "ulimit -n" in check.advice


def test_few_connections_are_fine() -> None:
    assert [check.level for check in open_files(1)] == ["ok"]


def test_a_clock_from_before_the_installation_is_a_failure() -> None:
    (check,) = clock(0.0)
    assert check.level == "fail"
    assert "1970-01-01" in check.message


def test_a_clock_of_today_is_not_mentioned() -> None:
    assert [*clock(time.time())] == []


def test_whoever_holds_the_data_folder_is_found(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    assert holder(tmp_path) == os.getpid()
    lock.close()
    assert holder(tmp_path) == 0


def test_where_the_system_tells_nothing_nobody_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    assert holder(tmp_path, tmp_path / "none") == 0


@not_root
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch(0o400)
    (check,) = strangers(tmp_path)
    assert check.level == "fail"
    assert str(tmp_path / "ledger.sqlite") in check.message
    assert "chown" in check.advice


@not_root
def test_a_collection_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir(0o300)
    (check,) = unreadable([tmp_path / "notes"])
    assert (check.level, check.name) == ("fail", "collections")


def test_looking_around_changes_nothing(tmp_path: Path) -> None:
    names = [check.name for check in surroundings(Settings(base=tmp_path), [tmp_path])]
    assert "disk" in names
    assert [*tmp_path.iterdir()] == []
