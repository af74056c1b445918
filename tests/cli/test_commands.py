import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from trinax import __version__
from trinax.cli import main
from trinax.cli.commands import SECTIONS
from trinax.cli.options import configured

PROJECT = Path(__file__).parents[2]
HEAVY = ("starlette", "uvicorn", "httpx", "rich", "llama_cpp", "qdrant_edge", "numpy", "tiktoken")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    return CliRunner()


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help(runner: CliRunner, name: str) -> None:
    result = runner.invoke(main, [name, "--help"])
    assert result.exit_code == 0
    for option in ("--config", "--data-dir", "--collections-dir", "--models-dir"):
        assert option in result.output


def test_the_help_names_every_command_once() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(main.commands)


def test_the_help_cuts_no_sentence(runner: CliRunner) -> None:
    listed = runner.invoke(main, ["--help"]).output.partition("Questions:")[2]
    assert listed
    assert "..." not in listed


def test_every_setting_is_printed_with_its_default(runner: CliRunner) -> None:
    printed = runner.invoke(main, ["settings"]).output
    assert printed == (PROJECT / "configs" / "default.toml").read_text("utf-8")


def test_help_loads_nothing_heavy() -> None:
    source = f"import sys, trinax.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trinax", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"trinax, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sing"],
        ["search"],
        ["search", "x", "--mode", "vague"],
        ["search", "x", "--limit", "0"],
        ["index", "no-such-folder"],
        ["serve", "--port", "70000"],
        ["ask", "x", "--config", "no-such-file.toml"],
        ["eval"],
        ["doctor", ".", "--security"],
    ],
)
def test_wrong_use_exits_with_2(runner: CliRunner, arguments: list[str]) -> None:
    assert runner.invoke(main, arguments).exit_code == 2


def test_a_wrong_setting_is_said_on_stderr_with_what_to_type(runner: CliRunner) -> None:
    Path("trinax.toml").write_text("[server]\nprot = 1")
    result = runner.invoke(main, ["models", "list"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: Unknown setting 'server.prot' in trinax.toml")
    assert result.stderr.splitlines()[1:] == ["Try 'trinax settings'."]


def test_a_variable_of_the_environment_counts(runner: CliRunner) -> None:
    result = runner.invoke(main, ["models", "list"], env={"TRINAX_PORT": "many"})
    assert "server.port" in result.stderr
    assert result.exit_code == 1


def test_a_file_is_no_folder_and_there_are_other_ways(runner: CliRunner) -> None:
    Path("a.md").touch()
    result = runner.invoke(main, ["index", "a.md"])
    assert result.exit_code == 2
    assert "trinax collections upload ID a.md" in result.stderr
    assert "--attach a.md" in result.stderr


@pytest.fixture
def data_dir(runner: CliRunner) -> "DataDir":
    return DataDir(runner)


class DataDir:
    """Which data folder a command line means, read through a command made for it."""

    def __init__(self, runner: CliRunner) -> None:
        self._runner = runner

    def of(self, *arguments: str) -> str:
        @click.command("where")
        def where() -> None:
            click.echo(str(configured().data_dir))

        group = click.Group("trinax", params=main.params)
        where.params = main.commands["mcp"].params
        group.add_command(where)
        return self._runner.invoke(group, list(arguments)).output.strip()


def test_a_place_may_stand_before_the_command(data_dir: DataDir) -> None:
    assert data_dir.of("--data-dir", "d", "where") == str(Path("d").resolve())


def test_a_place_may_stand_after_the_command(data_dir: DataDir) -> None:
    assert data_dir.of("where", "--data-dir", "d") == str(Path("d").resolve())


def test_the_later_place_wins(data_dir: DataDir) -> None:
    assert data_dir.of("--data-dir", "d", "where", "--data-dir", "e") == str(Path("e").resolve())


def test_places_are_taken_from_the_working_folder(data_dir: DataDir) -> None:
    Path("etc").mkdir()
    Path("etc/my.toml").write_text("[paths]\ndata = 'd'")
    assert data_dir.of("where", "--config", "etc/my.toml") == str(Path("etc/d").resolve())
    assert data_dir.of("where", "--config", "etc/my.toml", "--data-dir", "d") == str(
        Path("d").resolve()
    )
