import json
from pathlib import Path

import pytest

from trinax.evaluation.__main__ import main


def test_the_table_has_a_row_for_each_dataset_and_mode(
    birds: Path, bread: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(birds), str(bread)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["birds"] * 3 + ["bread"] * 3


def test_json_holds_the_figures(birds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(birds), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["mode"]: row["mrr_10"] for row in rows}["hybrid"] == 1.0


def test_the_page_names_the_embedder(birds: Path, tmp_path: Path) -> None:
    page = tmp_path / "evaluation.md"
    assert main([str(birds), "--markdown", str(page)]) == 0
    assert "`trinax-embed-" in page.read_text("utf-8")


def test_the_part_on_answers_stays_in_the_page(birds: Path, tmp_path: Path) -> None:
    page = tmp_path / "evaluation.md"
    page.write_text("old table\n\n# Answers, measured\n\nBy another command.\n")
    for _ in range(2):
        assert main([str(birds), "--markdown", str(page)]) == 0
    text = page.read_text("utf-8")
    assert text.endswith("|\n\n# Answers, measured\n\nBy another command.\n")
    assert "old table" not in text


def test_a_folder_that_is_no_dataset_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("corpus.jsonl cannot be read")
