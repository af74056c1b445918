import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trinax.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n")
    (notes / "robot.py").write_text("def greet_robot(name):\n    return f'Beep, {name}'\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    places = ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]
    return CliRunner().invoke(main, [*arguments, *places])


def test_search_brings_the_index_up_to_date_by_itself(folder: Path) -> None:
    result = run(folder, "search", "greet_robot")
    assert result.exit_code == 0, result.output
    assert re.search(r"^ 1  notes/robot\.py:1-2", result.stdout, re.MULTILINE)


def test_search_explains(folder: Path) -> None:
    result = run(
        folder, "search", "kettle", "--mode", "bm25", "--limit", "1", "--explain", "--json"
    )
    hit = json.loads(result.stdout)["hits"][0]
    assert hit["explain"]["bm25"]["rank"] == 1


def test_search_explains_in_tables(folder: Path) -> None:
    copy = folder / "collections" / "notes" / "copy.md"
    copy.write_text("# Kettle\n\nThe kettle in the lab boils at  94 degrees.\n")
    printed = run(folder, "search", "kettle lab", "--limit", "1", "--explain").stdout
    assert re.search(r"^ +passage +bm25 +dense +fused +reranked +left out", printed, re.MULTILINE)
    stood = r"^1 +notes/\w+\.md:1-3 +\d \d\.\d\d +\d 0\.\d\d +1 0\.\d\d"
    assert re.search(stood, printed, re.MULTILINE)
    assert re.search(r"^– +notes/\w+\.md:1-3 .* duplicate of", printed, re.MULTILINE)
    assert re.search(r"kettle \d+\.\d\d, lab \d+\.\d\d|lab \d.*kettle \d", printed)
    assert "weights in fused: bm25 1.00, dense 0.50" in printed


def test_search_spreads_and_merges(folder: Path) -> None:
    log = folder / "collections" / "notes" / "log.md"
    days = (" ".join(f"Pump {n} ran for {m} hours." for m in range(20)) for n in range(3))
    log.write_text("".join(f"# Day\n\n{day}\n\n" for day in days))
    found = {
        option: json.loads(run(folder, "search", "pump", *option.split(), "--json").stdout)["hits"]
        for option in ("", "--per-file 2", "--merge")
    }
    files = {option: [hit["file"] for hit in hits] for option, hits in found.items()}
    assert files[""].count("log.md") > files["--per-file 2"].count("log.md") == 2
    assert files["--merge"].count("log.md") == 1
    assert found["--merge"][0]["text"] == log.read_text().strip()


def test_search_in_an_unknown_collection_fails(folder: Path) -> None:
    result = run(folder, "search", "kettle", "--collection", "nowhere")
    assert result.exit_code == 1
    assert "No collection named 'nowhere'" in result.stderr


def test_ask_as_json_gives_answer_and_sources(folder: Path) -> None:
    result = run(folder, "ask", "At which temperature does the kettle boil?", "--json")
    said = json.loads(result.stdout)
    assert "94 degrees" in said["answer"]
    assert said["sources"][0]["file"] == "kettle.md"
    assert said["grounding"]["verdict"] in ("answered", "partial")


def test_ask_reads_attached_files_too(folder: Path) -> None:
    for name, degrees in (("tea.md", 80), ("rice.txt", 60)):
        (folder / name).write_text(f"The pot for {name[:-3]} in the kitchen boils at {degrees}.\n")
    attached = [arg for name in ("tea.md", "rice.txt") for arg in ("--attach", str(folder / name))]
    result = run(folder, "ask", "At which temperature does the pot for tea boil?", *attached)
    assert result.exit_code == 0, result.output
    assert "boils at 80" in result.stdout
    assert "attachment/tea.md:1-1" in result.stdout


def test_ask_names_what_it_could_not_read(folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    result = run(folder, "ask", "What is this?", "--attach", str(folder / "broken.pdf"))
    assert result.exit_code == 1
    assert "Attachment 'broken.pdf' was not taken" in result.stderr


def test_index_takes_a_folder_where_it_is(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "manuals"
    outside.mkdir()
    (outside / "saw.md").write_text("Wear goggles when you use the saw.\n")
    assert (
        "library: 1 files" in run(folder, "index", str(outside), "--collection", "library").output
    )
    found = run(folder, "search", "goggles", "--collection", "library", "--json")
    assert json.loads(found.stdout)["hits"][0]["file"] == "saw.md"


def test_index_tells_programs_what_came_of_it(folder: Path) -> None:
    notes = folder / "collections" / "notes"
    indexed = json.loads(run(folder, "index", str(notes), "--json").stdout)
    assert (indexed["id"], indexed["files"]["failed"]) == ("notes", 0)
    assert indexed["took_s"] > 0


def test_index_names_the_files_that_it_could_not_read(folder: Path) -> None:
    (folder / "collections" / "notes" / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    result = run(folder, "index", str(folder / "collections" / "notes"))
    assert result.exit_code == 0
    assert "not read: broken.pdf: " in result.output
    assert "(0 skipped, 1 failed)" in result.output


def test_collections_are_listed(folder: Path) -> None:
    rows = json.loads(run(folder, "collections", "list", "--json").stdout)["collections"]
    assert [(row["id"], row["files"]["indexed"]) for row in rows] == [("notes", 2)]


def test_doctor_finds_nothing_wrong(folder: Path) -> None:
    run(folder, "search", "kettle")
    result = run(folder, "doctor", "--json")
    levels = {check["name"]: check["level"] for check in json.loads(result.stdout)}
    levels.pop("address")  # someone may be listening on the default port
    assert set(levels.values()) == {"ok"}


def test_doctor_says_what_to_do_about_a_broken_model(folder: Path) -> None:
    (folder / "var" / "models").mkdir(parents=True)
    (folder / "var" / "models" / "broken.gguf").write_bytes(b"nothing")
    result = run(folder, "doctor")
    assert re.search(r"^warn  models +broken: ", result.stdout, re.MULTILINE)
