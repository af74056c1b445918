import plistlib
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.installation import PROJECT
from trinax.cli import main
from trinax.configuration import load

UNIT = PROJECT / "configs" / "systemd" / "trinax.service"
PLIST = PROJECT / "configs" / "launchd" / "trinax.plist"
PROGRAM = "/opt/trinax/bin/trinax"
# systemd's own grades: below 2.0 it says OK.
MOST_EXPOSED = 2.0

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze"
)


class _Lines(dict[str, Any]):
    """Keys may stand more than once in a unit."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and isinstance(before := self.get(key), list):
            before.extend(value)
        else:
            super().__setitem__(key, value)


@pytest.fixture(scope="module")
def unit() -> RawConfigParser:
    parser = RawConfigParser(strict=False, dict_type=_Lines)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    return parser


@pytest.fixture(scope="module")
def agent() -> dict[str, Any]:
    found: dict[str, Any] = plistlib.loads(PLIST.read_bytes())
    return found


@systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    program = Path(sys.executable).parent / "trinax"
    here.write_text(UNIT.read_text().replace(PROGRAM, str(program)))
    done = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True)
    # Of other units on this machine it may say what it likes.
    assert [line for line in done.stderr.splitlines() if "trinax" in line] == []


@systemd
def test_systemd_finds_little_that_the_unit_leaves_open() -> None:
    command = ("systemd-analyze", "security", "--no-pager", "--offline=true", str(UNIT))
    done = subprocess.run(command, capture_output=True, text=True)
    grade = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert grade is not None, done.stdout + done.stderr
    assert float(grade[1]) < MOST_EXPOSED


def test_the_unit_runs_a_command_that_there_is(unit: RawConfigParser) -> None:
    program, command = unit["Service"]["ExecStart"].split()
    assert program == PROGRAM
    assert command in main.commands


def test_the_unit_sets_what_there_is_to_set(unit: RawConfigParser) -> None:
    pairs = (line.partition("=") for line in unit["Service"]["Environment"].splitlines())
    settings = load(environment={name: value for name, _, value in pairs})
    state = {f"/var/lib/{name}" for name in unit["Service"]["StateDirectory"].split()}
    assert {str(settings.data_dir), str(settings.collections_dir)} <= state


def test_launchd_runs_a_command_that_there_is(agent: dict[str, Any]) -> None:
    program, command = agent["ProgramArguments"]
    assert program.endswith("/bin/trinax")
    assert command in main.commands


def test_launchd_starts_it_again_only_after_a_failure(agent: dict[str, Any]) -> None:
    assert agent["RunAtLoad"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}


def test_launchd_gives_it_files_for_its_connections(agent: dict[str, Any]) -> None:
    given = agent["SoftResourceLimits"]["NumberOfFiles"]
    assert given > load(environment={}).server.connections


def test_launchd_keeps_its_files_to_their_owner(agent: dict[str, Any]) -> None:
    assert agent["Umask"] == 0o077
