import pytest

from tests.answering.passages import passage
from trinax.retrieval.records import Found, Ranked
from trinax.web.agents import reading, search
from trinax.web.agents.reading import Part
from trinax.web.agents.tool import ANSWER_CHARACTERS, lines_of


def found(*texts: str) -> Found:
    return Found(tuple(Ranked(passage(text), 0.5) for text in texts), 0.9)


def part(*lines: str, first: int = 1) -> Part:
    return Part("demo", "guide.md", lines, first, first + len(lines) - 1)


def test_passages_that_are_too_long_together_are_left_out_and_told() -> None:
    answer = search.answer("x", found(*["a" * 30_000] * 3), waiting=None)
    assert answer.structured["left_out"] == 2
    assert len(answer.structured["passages"]) == 1
    assert "2 more would make this too long" in answer.text


def test_one_passage_is_shown_however_long() -> None:
    answer = search.answer("x", found("a" * 50_000), waiting=None)
    assert answer.structured["left_out"] == 0


def test_nothing_found_is_said() -> None:
    assert search.answer("x", found(), waiting=None).text == "Nothing in the collections matches."


@pytest.mark.parametrize(("waiting", "words"), [(3, "3 files are not"), (0, "Some files are not")])
def test_files_that_wait_to_be_indexed_are_told(waiting: int, words: str) -> None:
    answer = search.answer("x", found("a"), waiting)
    assert words in answer.text
    assert answer.structured["indexing"] is True


def test_a_long_file_says_where_to_go_on() -> None:
    answer = reading.answer(part(*["a" * 99] * 1000, first=5))
    last = answer.structured["end_line"]
    assert len(answer.text) <= ANSWER_CHARACTERS + 200
    assert answer.structured["next_line"] == last + 1
    assert answer.text.endswith(f"go on with start_line {last + 1}.")


def test_a_line_that_is_too_long_is_cut_and_told() -> None:
    answer = reading.answer(part("a" * 50_000, "b"))
    assert len(answer.structured["text"]) == ANSWER_CHARACTERS
    assert "Line 1 has 50000 characters and is cut." in answer.structured["note"]
    assert answer.structured["next_line"] == 2


def test_an_empty_file_is_read() -> None:
    answer = reading.answer(part())
    assert answer.text == "guide.md (collection demo, 0 lines)"
    assert answer.structured["next_line"] is None


def test_one_line_is_named_alone() -> None:
    assert lines_of(5, 5) == ":5"
    assert lines_of(5, 7) == ":5-7"
