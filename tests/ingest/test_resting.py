from datetime import datetime, time
from pathlib import Path

import pytest

from trinax.ingest.resting import PAUSED, Resting, span


def at(clock: str) -> datetime:
    return datetime.combine(datetime(2026, 11, 28), time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("09:00-17:00", ["09:00", "16:59"], ["08:59", "17:00"]),
        ("22:00-06:30", ["22:00", "00:00", "06:29"], ["06:30", "21:59"]),
        ("08:00-08:00", [], ["08:00", "12:00"]),
    ],
)
def test_a_span_holds_its_hours(text: str, inside: list[str], outside: list[str]) -> None:
    assert all(span(text).holds(time.fromisoformat(clock)) for clock in inside)
    assert not any(span(text).holds(time.fromisoformat(clock)) for clock in outside)


def test_quiet_hours_say_when_they_end(tmp_path: Path) -> None:
    resting = Resting(tmp_path / "paused.json", ["09:00-12:00", "13:00-17:00"])
    assert [resting.quiet(at(clock)) for clock in ("10:00", "12:30", "14:00")] == [
        "12:00",
        "",
        "17:00",
    ]


def test_a_pause_is_remembered_and_goes_with_a_new_id(tmp_path: Path) -> None:
    first = Resting(tmp_path / "paused.json", [])
    first.pause("notes")
    first.rename("notes", "papers")
    again = Resting(tmp_path / "paused.json", [])
    assert again.reason("papers", "") == PAUSED
    assert again.reason("notes", "") == ""
    again.resume("papers")
    assert not Resting(tmp_path / "paused.json", []).paused("papers")


def test_a_damaged_file_pauses_nothing(tmp_path: Path) -> None:
    (tmp_path / "paused.json").write_text("{")
    assert not Resting(tmp_path / "paused.json", []).paused("notes")
