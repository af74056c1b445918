import os
import threading
from pathlib import Path
from typing import Any

import pytest

from trinax.documents.chunking import Limits
from trinax.ingest.farm import Farm
from trinax.ingest.parsing import Job, Parsed, parsed
from trinax.ingest.scan import Found


class Deadly:
    """Ends the process that unpickles it, as a parser's fault would."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (139,)


def job(path: Path, known: Any = "") -> Job:
    stat = path.stat()
    found = Found(path.name, str(path), stat.st_size, stat.st_mtime_ns)
    return Job("notes", found, known, Limits(), 1_000_000)


def run(jobs: list[Job], processes: int = 1, limit_s: float = 60.0) -> dict[str, Parsed]:
    with Farm(processes, threading.Event(), limit_s) as farm:
        return {one.found.file: one for one in farm.parsed(jobs)}


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text("# Note\n\nalpha\n")
    return path


def test_a_process_parses_as_this_one_does(note: Path) -> None:
    assert run([job(note)])["note.md"] == parsed(job(note))


def test_every_job_has_one_result(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.md" for n in range(40)]
    for path in paths:
        path.write_text(path.name)
    found = run([job(path) for path in paths], processes=2)
    assert found.keys() == {path.name for path in paths}
    assert {one.outcome for one in found.values()} == {"text"}


def test_a_file_that_kills_its_parser_fails_alone(tmp_path: Path, note: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_text("x")
    found = run([job(bad, Deadly()), job(note)])
    assert (found["bad.pdf"].outcome, found["bad.pdf"].reason) == (
        "unreadable",
        "its parser broke down",
    )
    assert found["note.md"].outcome == "text"


def test_a_file_that_takes_too_long_fails_alone(tmp_path: Path, note: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = run([job(pipe), job(note)], limit_s=3.0)
    assert (found["pipe"].outcome, found["pipe"].reason) == (
        "unreadable",
        "took too long to parse",
    )
    assert found["note.md"].outcome == "text"


def test_stopping_ends_a_farm_at_work(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    stopping = threading.Event()
    stopping.set()
    with Farm(1, stopping) as farm:
        assert list(farm.parsed([job(pipe)])) == []


def test_leaving_early_leaves_nothing_behind(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.md" for n in range(100)]
    for path in paths:
        path.write_text(path.name)
    with Farm(2, threading.Event()) as farm:
        assert next(farm.parsed([job(path) for path in paths])).outcome == "text"
