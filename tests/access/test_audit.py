import json
import os
import stat
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

from trinax.access.audit import BATCH, AuditLog, Event
from trinax.settings import Audit


def event(request: str = "r") -> Event:
    who = ("k1", "laptop", "lan", "192.168.1.5")
    what = ("get_v1_sources", "GET", "/v1/sources", ("notes",))
    return Event("2026-11-28T20:00:00.000+00:00", request, *who, *what, 200, 12)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_was_noted_is_in_the_file_once_it_is_closed(path: Path) -> None:
    with AuditLog(path, Audit()) as audit:
        for n in range(3000):
            audit.note(event(str(n)))
    assert [line["request"] for line in lines(path)] == [str(n) for n in range(3000)]


def test_a_line_is_the_whole_event(path: Path) -> None:
    with AuditLog(path, Audit()) as audit:
        audit.note(event())
    assert lines(path) == [{**asdict(event()), "collections": ["notes"]}]


def test_a_name_with_a_line_end_stays_one_line(path: Path) -> None:
    with AuditLog(path, Audit()) as audit:
        audit.note(event('x"}\n{"forged": 1'))
    assert len(lines(path)) == 1


def test_the_file_is_its_owners_alone(path: Path) -> None:
    path.touch(0o644)
    with AuditLog(path, Audit()) as audit:
        audit.note(event())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_events_there_is_no_file(path: Path) -> None:
    with AuditLog(path, Audit()):
        pass
    assert not path.exists()


def test_a_second_start_goes_on_in_the_same_file(path: Path) -> None:
    for n in range(2):
        with AuditLog(path, Audit()) as audit:
            audit.note(event(str(n)))
    assert [line["request"] for line in lines(path)] == ["0", "1"]


def test_full_files_make_room_for_new_ones(path: Path) -> None:
    with AuditLog(path, Audit(file_limit_bytes=1000, files=3)) as audit:
        for n in range(100):
            audit.note(event(f"{n:03}"))
    files = sorted(each.name for each in path.parent.iterdir())
    assert files == ["audit.1.jsonl", "audit.2.jsonl", "audit.jsonl"]
    kept = [line["request"] for name in files[1::-1] for line in lines(path.parent / name)]
    kept += [line["request"] for line in lines(path)]
    assert kept == [f"{n:03}" for n in range(100)][-len(kept) :]
    assert all(each.stat().st_size <= 1000 for each in path.parent.iterdir())


def test_events_beyond_what_can_wait_are_counted(path: Path) -> None:
    os.mkfifo(path)  # opening it to write waits for a reader: a disk that does not answer
    with ExitStack() as stack:
        with AuditLog(path, Audit(), waiting=2) as audit:
            for _ in range(10):
                audit.note(event())
            assert audit.dropped >= 6
            reader = stack.enter_context(path.open())
        text = reader.read()
    assert f'{{"dropped": {audit.dropped}}}' in text


def test_a_folder_that_is_gone_costs_no_request(tmp_path: Path) -> None:
    with AuditLog(tmp_path / "gone/audit.jsonl", Audit()) as audit:
        audit.note(event())
    assert audit.dropped == 1


def test_of_what_cannot_be_written_only_events_are_counted(tmp_path: Path) -> None:
    with AuditLog(tmp_path / "gone/audit.jsonl", Audit()) as audit:
        for _ in range(2 * BATCH):
            audit.note(event())
    assert audit.dropped == 2 * BATCH


def test_a_link_in_its_place_is_not_written_through(path: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("own")
    path.symlink_to(tmp_path / "own.txt")
    with AuditLog(path, Audit()) as audit:
        audit.note(event())
    assert (tmp_path / "own.txt").read_text() == "own"
