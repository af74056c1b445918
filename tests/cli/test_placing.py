import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trinax.cli import main
from trinax.cli.placing import told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "collections/notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("The kettle boils.\n")
    (notes / "photo.jpg").touch()
    (notes / ".hidden.md").touch()
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    places = ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]
    return CliRunner().invoke(main, [*arguments, *places])


def lines(folder: Path, path: Path) -> list[str]:
    result = run(folder, "doctor", str(path))
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_without_a_server_it_says_what_is_indexed_and_what_is_not(folder: Path) -> None:
    notes = folder / "collections/notes"
    run(folder, "index", str(notes))
    (indexed,) = lines(folder, notes / "kettle.md")
    assert indexed.startswith("ok    notes  kettle.md: indexed, 1 chunks, last changed 20")
    left_out = "warn  notes  photo.jpg: left out: binary, by its suffix"
    assert lines(folder, notes / "photo.jpg") == [left_out]


def test_as_json_it_is_the_answer_of_the_server(folder: Path) -> None:
    path = folder / "collections/notes/.hidden.md"
    (row,) = json.loads(run(folder, "doctor", str(path), "--json").stdout)
    assert (row["state"], row["reason"]) == ("left_out", "hidden")


def test_in_no_collection_it_says_how_to_add_it(folder: Path) -> None:
    said, advice = lines(folder, folder / "elsewhere/a.md")
    assert said == f"warn  nowhere  {folder}/elsewhere/a.md is in no collection"
    assert advice.strip() == f"→ add its folder with: trinax index {folder}/elsewhere"


def test_indexing_names_what_may_be_missed(folder: Path) -> None:
    notes = folder / "collections/notes"
    for n in range(12):
        (notes / f"{n}.png").touch()
    output = run(folder, "index", str(notes)).stdout
    assert output.count("left out: ") == 11
    assert "left out: 3 more; trinax doctor PATH says why" in output
    assert ".hidden.md" not in output


def place(**changed: object) -> dict[str, object]:
    files = {"indexed": 3, "waiting": 2, "failed": 1, "skipped": 0}
    return {
        "collection": "notes",
        "file": "docs/",
        "state": "indexed",
        "reason": "",
        "files": files,
        "chunks": 9,
        "mtime": 0.0,
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"state": "waiting"}, "docs/: waits to be indexed; 2 waiting, 1 not read"),
        ({"file": "a.md", "state": "waiting"}, "a.md: waits to be indexed"),
        ({"file": "a.md", "state": "failed", "reason": "x"}, "a.md: could not be read: x"),
        ({"file": "a.md", "state": "gone", "reason": "x"}, "a.md: not there: x"),
        (
            {"file": "", "state": "left_out", "reason": "x"},
            "all of it: left out: x; 2 waiting, 1 not read",
        ),
    ],
)
def test_every_state_is_told_in_words(changed: dict[str, object], message: str) -> None:
    (check,) = told(Path("/x"), [place(**changed)])
    assert (check["level"], check["message"]) == ("warn", message)


def test_an_indexed_folder_says_what_of_it_is_not() -> None:
    (check,) = told(Path("/x"), [place()])
    assert check["level"] == "ok"
    assert check["message"].startswith("docs/: 3 files indexed, 9 chunks, last changed 19")
    assert check["message"].endswith("; 2 waiting, 1 not read")
