import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from trinax.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n")
    return tmp_path


def run(folder: Path, *arguments: str, answer: str = "") -> Result:
    places = ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]
    return CliRunner().invoke(main, ["collections", *arguments, *places], input=answer)


def told(folder: Path, *arguments: str) -> Any:
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_collection_is_made_filled_and_shown(folder: Path) -> None:
    (folder / "docs" / "deep").mkdir(parents=True)
    (folder / "docs" / "deep" / "saw.md").write_text("Wear goggles.")
    (folder / "docs" / ".hidden").write_text("secret")
    assert run(folder, "create", "tools").exit_code == 0
    taken = told(folder, "upload", "tools", str(folder / "docs"))
    assert [one["file"] for one in taken["files"]] == ["deep/saw.md"]
    assert taken["refused"] == []
    shown = run(folder, "show", "tools")
    assert "1 of 1" in shown.stdout


def test_an_upload_of_which_nothing_is_taken_fails(folder: Path) -> None:
    (folder / "a.exe").write_bytes(b"MZ")
    result = run(folder, "upload", "notes", str(folder / "a.exe"))
    assert result.exit_code == 1
    assert "it would not be indexed: binary" in result.stderr


def test_a_collection_gets_another_id(folder: Path) -> None:
    assert run(folder, "rename", "notes", "papers").stdout == "notes is papers now.\n"
    assert (folder / "collections" / "papers" / "kettle.md").is_file()


def test_a_pause_is_shown_and_ended(folder: Path) -> None:
    run(folder, "pause", "notes")
    assert "paused by request" in run(folder, "list").stdout
    assert told(folder, "resume", "notes")["files"]["indexed"] == 1


def test_a_collection_moves_by_a_file(folder: Path) -> None:
    file = folder / "notes.tar"
    assert run(folder, "export", "notes", "--output", str(file)).exit_code == 0
    with tarfile.open(file) as archive:
        assert "documents/kettle.md" in archive.getnames()
    assert told(folder, "import", "copy", str(file))["added"] == 1
    assert told(folder, "show", "copy")["files"]["indexed"] == 1


def test_an_export_tells_programs_where_it_is(folder: Path) -> None:
    file = folder / "notes.tar"
    exported = told(folder, "export", "notes", "--output", str(file))
    assert exported == {"id": "notes", "file": str(file), "bytes": file.stat().st_size}


def test_a_failed_export_leaves_no_file(folder: Path) -> None:
    result = run(folder, "export", "nowhere", "--output", str(folder / "x.tar"))
    assert (result.exit_code, "No collection named" in result.stderr) == (1, True)
    assert sorted(each.name for each in folder.iterdir()) == ["collections", "var"]


def test_deleting_asks_first(folder: Path) -> None:
    assert run(folder, "delete", "notes", answer="n\n").exit_code == 1
    assert (folder / "collections" / "notes").is_dir()
    deleted = run(folder, "delete", "notes", answer="y\n")
    assert deleted.exit_code == 0
    assert "collections/.removed/notes-" in deleted.stdout
    assert told(folder, "list")["collections"] == []
