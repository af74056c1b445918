import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trinax.documents.chunking import Limits
from trinax.documents.opening import Place
from trinax.ingest.farm import Farm
from trinax.ingest.parsing import Job, Parsed, parsed
from trinax.ingest.scan import Found


@dataclass(frozen=True, slots=True)
class Code:
    """Runs in the process that unpickles it, as a file may that takes its parser over."""

    text: str

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (self.text,)


DEADLY = Code("import os; os._exit(139)")
SLOW = Code("import time; time.sleep(60)")


def job(path: Path, known: Any = "") -> Job:
    stat = path.stat()
    found = Found(path.name, Place(path.parent, path.name), stat.st_size, stat.st_mtime_ns)
    return Job("notes", found, known, Limits(), 1_000_000)


def run(jobs: list[Job], processes: int = 1, limit_s: float = 60.0) -> dict[str, Parsed]:
    with Farm(processes, threading.Event(), limit_s) as farm:
        return {one.found.file: one for one in farm.parsed(jobs) if one}


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
    found = run([job(bad, DEADLY), job(note)])
    assert (found["bad.pdf"].outcome, found["bad.pdf"].reason) == (
        "unreadable",
        "its parser broke down",
    )
    assert found["note.md"].outcome == "text"


def test_a_file_that_takes_too_long_fails_alone(tmp_path: Path, note: Path) -> None:
    long = tmp_path / "long.md"
    long.write_text("x")
    found = run([job(long, SLOW), job(note)], limit_s=3.0)
    assert (found["long.md"].outcome, found["long.md"].reason) == (
        "unreadable",
        "took too long to parse",
    )
    assert found["note.md"].outcome == "text"


def test_stopping_ends_a_farm_at_work(note: Path) -> None:
    stopping = threading.Event()
    stopping.set()
    with Farm(1, stopping) as farm:
        assert list(filter(None, farm.parsed([job(note, SLOW)]))) == []


@pytest.mark.parametrize(
    "attempt",
    [
        "open('{folder}/written', 'wb', 0).write(b'x')",
        "open('{note}', 'ab', 0).write(b'x')",
        "bytearray(8_000_000_000)",
    ],
)
def test_a_parser_cannot(note: Path, attempt: str) -> None:
    text = "import os; " + attempt.format(folder=note.parent, note=note)
    found = run([job(note, Code(text))])["note.md"]
    assert (found.outcome, found.reason) == ("unreadable", "its parser broke down")
    assert note.read_text() == "# Note\n\nalpha\n"


@pytest.mark.parametrize(
    "statement",
    [
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)",
        "assert 0 < resource.getrlimit(resource.RLIMIT_CPU)[0] < 100",
        "assert {'PATH', 'HOME', 'PYTEST_CURRENT_TEST'}.isdisjoint(os.environ)",
        "assert len(os.listdir('/proc/self/fd')) < 8",
    ],
)
def test_of_a_parser_holds(note: Path, statement: str) -> None:
    text = "import os, resource; " + statement
    assert run([job(note, Code(text))])["note.md"].outcome == "text"


def test_leaving_early_leaves_nothing_behind(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.md" for n in range(100)]
    for path in paths:
        path.write_text(path.name)
    with Farm(2, threading.Event()) as farm:
        results = filter(None, farm.parsed([job(path) for path in paths]))
        assert next(results).outcome == "text"
