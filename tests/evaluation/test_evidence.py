import json
from pathlib import Path

import pytest

from trinax.errors import InvalidRequest
from trinax.evaluation.evidence import Found, Overlap, Question, Span, load, overlap

QUESTION = Question("?", "a.md", (Span(10, 20, (10,)), Span(40, 50, (40, 100))))


def _folder(tmp_path: Path, row: object, text: str = "Owls hunt mice. Owls hunt mice.") -> Path:
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "owls.md").write_text(text)
    (tmp_path / "questions.jsonl").write_text(json.dumps(row))
    return tmp_path


def test_shares_are_of_characters() -> None:
    found = overlap(QUESTION, [Found("a.md", 15, 45), Found("b.md", 0, 10)])
    assert found == Overlap(recall=10 / 20, precision=10 / 40, iou=10 / 50)


def test_what_is_found_twice_counts_once() -> None:
    once = overlap(QUESTION, [Found("a.md", 0, 30)])
    assert overlap(QUESTION, [Found("a.md", 0, 20), Found("a.md", 10, 30)]) == once


def test_a_copy_of_the_evidence_is_as_good_and_a_second_one_is_none() -> None:
    copy = overlap(QUESTION, [Found("a.md", 95, 105)])
    assert (copy.recall, copy.precision) == (5 / 20, 5 / 10)
    both = overlap(QUESTION, [Found("a.md", 95, 105), Found("a.md", 40, 45)])
    assert (both.recall, both.precision) == (5 / 20, 5 / 15)


def test_nothing_found_is_no_error() -> None:
    assert overlap(QUESTION, []) == Overlap(0, 0, 0)


def test_the_same_characters_elsewhere_in_a_text_are_copies(tmp_path: Path) -> None:
    row = {"text": "Whom?", "corpus": "owls", "spans": [{"start": 10, "end": 15}]}
    texts, questions = load(_folder(tmp_path, row))
    assert texts["owls.md"][10:15] == "mice."
    assert questions == [Question("Whom?", "owls.md", (Span(10, 15, (10, 26)),))]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"text": "?", "corpus": "storks", "spans": []},
        {"text": "?", "corpus": "owls", "spans": [{"start": 1}]},
        {"text": "?", "corpus": "owls", "spans": [{"start": 5, "end": 5}]},
    ],
)
def test_a_row_that_says_too_little_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(InvalidRequest, match=r"questions\.jsonl, line 1"):
        load(_folder(tmp_path, row))


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="corpora"):
        load(tmp_path)
