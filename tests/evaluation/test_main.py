from pathlib import Path

import pytest

from trinax.evaluation.__main__ import main
from trinax.evaluation.page import BEGIN, END


def test_a_page_without_its_marks_fails_before_anything_is_measured(
    birds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "evaluation.md"
    page.write_text("A page.")
    assert main([str(birds.parent), str(page)]) == 1
    assert capsys.readouterr().err.startswith("The page needs the lines")
    assert page.read_text() == "A page."


def test_a_folder_without_data_sets_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "evaluation.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty"), str(page)]) == 1
    assert capsys.readouterr().err == "empty holds no folder with a corpus.jsonl.\n"
