import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from trinax.cli import main
from trinax.index.ledger import SCHEMA, Ledger

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "collections/notes").mkdir(parents=True)
    (tmp_path / "collections/work").mkdir()
    return tmp_path


def offered(*words: str) -> list[str]:
    """For the last word."""
    completions = ShellComplete(main, {}, "trinax", "_TRINAX_COMPLETE")
    return [item.value for item in completions.get_completions([*words[:-1]], words[-1])]


def test_commands_are_offered() -> None:
    assert offered("se") == ["search", "serve", "settings"]


def test_collections_are_offered() -> None:
    assert offered("search", "x", "--collection", "") == ["notes", "work"]
    assert offered("collections", "show", "n") == ["notes"]


def test_a_collection_of_a_folder_outside_is_offered(folder: Path) -> None:
    ledger = Ledger(folder / "var" / SCHEMA.file)
    ledger.add_root("docs", "/docs")
    ledger.close()
    assert offered("collections", "show", "d") == ["docs"]


def test_the_places_on_the_command_line_count(folder: Path) -> None:
    (folder / "other/mine").mkdir(parents=True)
    words = ("--collections-dir", str(folder / "other"), "collections", "show", "")
    assert offered(*words) == ["mine"]


def test_models_are_offered() -> None:
    assert offered("ask", "x", "--model", "") == [
        *("auto", "trinax-embed", "trinax-extract", "trinax-rank"),
    ]


def test_roles_are_offered_to_pull() -> None:
    assert offered("models", "pull", "co") == ["coder"]


def test_wrong_settings_offer_nothing(folder: Path) -> None:
    (folder / "trinax.toml").write_text("[server]\nprot = 1")
    assert offered("collections", "show", "") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_takes_its_script(shell: str, folder: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell}")
    script = subprocess.run(
        [sys.executable, "-m", "trinax", "completion", shell],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (folder / "script").write_text(script)
    done = subprocess.run([found, "-n", "script"], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_it(folder: Path) -> None:
    source = f"PATH={Path(sys.executable).parent}:$PATH"
    source += """
        eval "$(trinax completion bash)"
        COMP_WORDS=(trinax search x --collection no) COMP_CWORD=4
        _trinax_completion trinax
        echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "notes\n"
