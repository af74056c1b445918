import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from trinax.cli import main
from trinax.cli.running import FILE, read

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own over tmp_path/collections."""

    folder: Path
    url: str
    process: subprocess.Popen[str]

    @property
    def data_dir(self) -> Path:
        return self.folder / "var"

    def run(self, *arguments: str) -> Result:
        """A command on the same data folder."""
        return CliRunner().invoke(main, [*arguments, *places(self.folder)])


def places(folder: Path) -> list[str]:
    return ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trinax", "serve", *arguments, *places(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("TRINAX_")},
    )


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Served]:
    """arguments: of `serve`."""
    notes = folder / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n")
    with start(folder, "--port", "0", *arguments) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = re.search(r"http://\S+", line)
        assert url, process.communicate()
        yield Served(folder, url[0], process)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Served]:
    """A server that a test may end."""
    with serving(tmp_path) as server:
        yield server


def test_it_is_ready_and_leaves_its_address(served: Served) -> None:
    assert httpx.get(f"{served.url}/ready", trust_env=False).json()["ready"] is True
    found = read(served.data_dir)
    assert found is not None
    assert (found.pid, found.url) == (served.process.pid, served.url)


def test_other_commands_use_it(served: Served, tmp_path: Path) -> None:
    outside = tmp_path / "Lab Manual"
    outside.mkdir()
    (outside / "centrifuge.md").write_text("The centrifuge must be balanced before every run.\n")
    indexed = served.run("index", str(outside))
    assert indexed.exit_code == 0, indexed.output
    assert re.search(r"^lab-manual: 1 files, 1 chunks", indexed.output, re.MULTILINE)
    found = served.run("search", "balanced centrifuge", "--json")
    assert json.loads(found.output)["hits"][0]["file"] == "centrifuge.md"
    assert served.process.poll() is None


def test_the_doctor_asks_it_about_a_file(served: Served) -> None:
    notes = served.folder / "collections/notes"
    served.run("index", str(notes))
    said = served.run("doctor", str(notes / "kettle.md")).stdout
    assert said.startswith("ok    notes  kettle.md: indexed, 1 chunks")
    outside = served.run("doctor", str(served.folder / "a.md")).stdout
    assert outside.startswith(f"warn  nowhere  {served.folder}/a.md is in no collection")


def test_the_doctor_tells_what_it_says_of_its_collections(mortal: Served) -> None:
    mortal.run("collections", "pause", "notes")
    checks = json.loads(mortal.run("doctor", "--json").stdout)
    told = [(one["level"], one["message"]) for one in checks if one["name"] == "collections"]
    assert ("warn", "notes: paused by request") in told


def test_an_answer_ends_with_its_footnotes(served: Served) -> None:
    indexed = served.run("index", str(served.folder / "collections" / "notes"))
    assert indexed.exit_code == 0, indexed.output
    asked = served.run("ask", "At which temperature does the kettle in the lab boil?")
    assert asked.exit_code == 0, asked.output
    assert "94 degrees" in asked.stdout
    assert re.search(r"^\[1\] notes/kettle\.md:\d+-\d+$", asked.stdout, re.MULTILINE)


def test_what_the_server_refuses_is_said_with_what_to_type(served: Served) -> None:
    result = served.run("ask", "Anything?", "--model", "no-such-model")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Error: No model named 'no-such-model'; GET /v1/models lists them.",
        "Try 'trinax models list'.",
    ]


def test_a_second_server_on_the_port_says_so(served: Served, tmp_path: Path) -> None:
    port = served.url.rpartition(":")[2]
    with start(tmp_path / "other", "--port", port) as second:
        output, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert output == ""
    assert complaint.splitlines() == [
        f"Error: Address 127.0.0.1:{port} is in use; "
        "stop what listens there or choose another --port."
    ]


def test_a_second_server_on_the_data_folder_says_so(served: Served) -> None:
    with start(served.folder, "--port", "0") as second:
        output, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert output == ""
    said, *advice = complaint.splitlines()
    assert "data folder is in use" in said
    assert advice == ["Try 'trinax doctor'."]
    assert read(served.data_dir) is not None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(mortal: Served, number: signal.Signals) -> None:
    mortal.process.send_signal(number)
    _, complaint = mortal.process.communicate(timeout=20)
    assert mortal.process.returncode in (0, -signal.SIGTERM)
    assert complaint == ""
    assert not (mortal.data_dir / FILE).exists()


def test_a_server_that_was_killed_is_not_asked(mortal: Served) -> None:
    mortal.process.kill()
    mortal.process.communicate(timeout=20)
    assert (mortal.data_dir / FILE).exists()
    found = mortal.run("search", "kettle", "--json")
    assert json.loads(found.stdout)["hits"][0]["file"] == "kettle.md"
