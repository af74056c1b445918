from pathlib import Path
from typing import Any

import pytest

from trinax.cli.links import linking, takes_links
from trinax.configuration import TERMINAL
from trinax.index.ledger import SCHEMA, Ledger
from trinax.settings import Paths, Settings


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A collection in the collections folder, on a terminal that takes links."""
    for name in TERMINAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    (tmp_path / "collections/notes").mkdir(parents=True)
    (tmp_path / "collections/notes/a b.md").touch()
    return Settings(base=tmp_path, paths=Paths())


def source(file: str, collection: str = "notes") -> dict[str, Any]:
    return {"collection_id": collection, "file": file, "start_line": 7, "url": None}


@pytest.mark.parametrize(
    ("environment", "takes"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "dumb", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.105.0"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.71.9"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.11"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": ""}, False),
        ({"TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({"TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"}, True),
        ({"VTE_VERSION": "7006"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"VTE_VERSION": "new"}, False),
        ({"WT_SESSION": "x"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_only_terminals_known_to_take_links_get_them(
    environment: dict[str, str], takes: bool
) -> None:
    assert takes_links(environment) is takes


def test_a_file_of_a_collection_is_linked(places: Settings, tmp_path: Path) -> None:
    assert linking(places)(source("a b.md")) == f"file://{tmp_path}/collections/notes/a%20b.md"


def test_a_terminal_that_opens_lines_gets_the_line(
    places: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    assert linking(places)(source("a b.md")).endswith("/a%20b.md#L7")


def test_a_file_that_is_not_here_is_not_linked(places: Settings) -> None:
    assert linking(places)(source("gone.md")) == ""


def test_a_file_of_an_unknown_collection_is_not_linked(places: Settings) -> None:
    assert linking(places)(source("a b.md", "others")) == ""


def test_a_page_of_the_web_is_linked(places: Settings) -> None:
    assert linking(places)(source("") | {"url": "https://example.org/"}) == "https://example.org/"


def test_a_file_of_a_folder_that_was_added_is_linked(places: Settings, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/c.md").touch()
    ledger = Ledger(places.data_dir / SCHEMA.file)
    ledger.add_root("notes", str(tmp_path / "docs"))
    # As a command does beside a server: the ledger is open.
    link = linking(places)
    assert link(source("docs/c.md")) == f"file://{tmp_path}/docs/c.md"
    assert link(source("a b.md")) == f"file://{tmp_path}/collections/notes/a%20b.md"
    ledger.close()


def test_elsewhere_nothing_is_linked(places: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_HYPERLINK", "0")
    assert linking(places)(source("a b.md")) == ""
