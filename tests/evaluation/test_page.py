from pathlib import Path

import pytest

from tests.evaluation.conftest import BIRD_QUESTIONS, BIRDS, write
from trinax.embedding.training.held_out import held_out
from trinax.errors import InvalidRequest
from trinax.evaluation import builtin
from trinax.evaluation.page import ACROSS, BEGIN, CODE, END, measured, shown, written

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
PACKAGE = next(f"package{i}" for i in range(100) if held_out(f"package{i}"))
MODULE = '''
def swallow():
    """Return the place where swallows spend the winter."""
    return africa(swallows, winter)


def bake():
    return bread
'''


def copied(folder: Path) -> list[Path]:
    path = folder / f"{PACKAGE}.py"
    path.write_text(MODULE)
    return [path]


def rows(page: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|")
    ]


def test_the_page_is_measured_and_written(tmp_path: Path) -> None:
    for name in ("cosqa-dev", "xquad-en", "xquad-es"):
        write(tmp_path / name, BIRDS, BIRD_QUESTIONS)
    (tmp_path / "no-data-set").mkdir()
    noted: list[str] = []
    found = rows(shown(measured(tmp_path, builtin.parts, noted.append, copied)))
    assert len(noted) == 7
    named = {(row[0], row[1]) for row in found}
    for name in ("cosqa-dev", "xquad-en", "xquad-es", "xquad-es over xquad-en", CODE):
        assert {(name, mode) for mode in ("bm25", "dense", "hybrid")} <= named
    assert (CODE, "words") in named
    assert {("trinax", "dev"), ("trinax", "held out")} <= named
    assert [row[2] for row in found if row[0] in ("English prose", "all")] == [*"111333"]


def test_a_folder_without_data_sets_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"no folder with a corpus\.jsonl"):
        measured(tmp_path, builtin.parts, print)


def test_only_what_is_between_the_marks_is_written() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = written(page, "new")
    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert written(once, "new") == once


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}\n{BEGIN}"])
def test_a_page_without_its_marks_is_left_alone(page: str) -> None:
    with pytest.raises(InvalidRequest, match="needs the lines"):
        written(page, "new")


def test_the_committed_page_holds_what_was_measured() -> None:
    part = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    found = rows(part)
    modes = {row[1] for row in found if row[0] == "scifact-train"}
    assert modes == {"bm25", "dense", "hybrid"}
    for questions, corpus in ACROSS:
        assert any(row[0] == f"{questions} over {corpus}" for row in found)
    assert {row[1] for row in found if row[0] == CODE} == {"words", "bm25", "dense", "hybrid"}
    assert {row[0] for row in found} >= {"English prose", "all", "chunks a second"}
