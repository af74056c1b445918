import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.dockerfile import instructions, words
from tests.packaging.installation import PROJECT, Installed

PAGE = (PROJECT / "docs" / "install.md").read_text("utf-8")


def lines() -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        yield from block.splitlines()


def line(begins: str) -> str:
    (found,) = (each for each in lines() if each.startswith(begins))
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("plans", "Library/LaunchAgents"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "plans/2027.md").write_text("# Plans\n\nPlanned for 2027: a new kettle.\n")
    return tmp_path


def run(command: str, home: Path, package: Installed, folder: Path | None = None) -> str:
    """As a person would in a shell, with the package's trinax in PATH."""
    environment = {"HOME": str(home), "PATH": f"{package.python.parent}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder or home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def test_files_that_are_named_are_there() -> None:
    named = set(re.findall(r"(?<![\w/])configs/[\w./-]+\w", PAGE))
    assert len(named) >= 5
    gone = {each for each in named if not (PROJECT / each).exists()}
    assert gone == {"configs/docker/collections"}  # made by the first start


@pytest.mark.slow
def test_the_first_commands_work(home: Path, package: Installed) -> None:
    run(line("trinax settings"), home, package)
    run(line("trinax index"), home, package)
    assert "a new kettle" in run(line("trinax ask"), home, package)
    settings = (home / "all-settings.toml").read_text("utf-8")
    assert settings == (PROJECT / "configs/default.toml").read_text("utf-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_commands_for_completion_work(home: Path, package: Installed, shell: str) -> None:
    command = line(f"trinax completion {shell}")
    run(f"{line('mkdir')}\n{command}", home, package)
    written = Path(command.partition(" > ")[2].replace("~", str(home)))
    assert "_TRINAX_COMPLETE" in written.read_text()


def test_the_agent_of_launchd_gets_the_home_folder(home: Path, package: Installed) -> None:
    run(line("sed "), home, package, PROJECT)
    written = (home / "Library/LaunchAgents/trinax.plist").read_text()
    assert f"<string>{home}/trinax/.venv/bin/trinax</string>" in written
    assert "HOME/" not in written


def test_the_container_is_run_over_the_folders_of_the_image() -> None:
    steps = instructions(PROJECT / "Dockerfile")
    (volumes,) = (words(step) for step in steps if step.word == "VOLUME")
    mounted = re.findall(r"-v \S+:(/\S+)", line("docker run"))
    assert mounted == volumes
    assert "--read-only" in line("docker run")
