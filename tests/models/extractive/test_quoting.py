from dataclasses import replace

import pytest

from tests.models.passages import passage
from trinax.index.records import Passage
from trinax.models.extractive.choosing import Quote
from trinax.models.extractive.excerpts import excerpts
from trinax.models.extractive.quoting import harmless, place, quote
from trinax.models.extractive.support import Supported


def given(text: str, kind: str = "markdown", lines: tuple[int, ...] = (0,)) -> Quote:
    parts = excerpts(passage(text, kind), 2)
    return Quote(tuple(Supported(one, 1.0, 1.0, lines) for one in parts))


def quoted(text: str, kind: str = "markdown", lines: tuple[int, ...] = (0,)) -> str:
    return quote(given(text, kind, lines), passage(text, kind))


def table(rows: int) -> str:
    return "\n".join(["| a |", "|---|", *(f"| {i} |" for i in range(rows))])


def paged(page: int | None, file: str = "guide.pdf") -> Passage:
    one = passage("x")
    return replace(one, file=file, chunk=replace(one.chunk, page=page, start_line=5))


def test_neighbouring_sentences_are_one_quote() -> None:
    assert quoted("One is one. Two is two.") == "“One is one. Two is two.” [2]"


def test_the_same_in_another_passage_is_cited_with_it() -> None:
    one = replace(given("One is one."), also=(5,))
    assert quote(one, passage("One is one.")) == "“One is one.” [2][5]"


def test_a_single_item_is_a_sentence() -> None:
    assert quoted("- the only point") == "“the only point” [2]"


def test_quotation_marks_within_are_single() -> None:
    assert quoted("He said “no” and left”.") == "“He said ‘no’ and left’.” [2]"


def test_items_stay_a_list() -> None:
    assert quoted("1. open it\n2. close it") == "- open it [2]\n- close it [2]"


def test_the_citation_is_no_row_of_the_table() -> None:
    assert quoted("| a |\n| b |") == "| a |\n| b |\n\n[2]"


def test_of_a_large_table_the_head_and_the_rows_that_match_are_shown() -> None:
    assert quoted(table(20), lines=(9, 10)) == ("| a |\n|---|\n| … |\n| 7 |\n| 8 |\n| … |\n\n[2]")


def test_a_large_table_in_which_only_the_head_matches_is_shown_from_its_start() -> None:
    assert quoted(table(20), lines=(0,)) == f"{table(20)}\n\n[2]"


def test_a_huge_table_is_cut_between_rows_with_a_mark() -> None:
    shown = quoted(table(2000), lines=(0,)).split("\n")
    assert shown[-3:] == ["| … |", "", "[2]"]
    assert set(shown[:-3]) <= set(table(2000).split("\n"))
    assert len(shown) < 300


def test_code_stands_in_a_fence_below_its_place() -> None:
    assert quoted("x = y[3]", "python") == "`file:1`:\n\n```python\nx = y[3]\n```\n[2]"


def test_the_place_of_code_is_the_line_of_the_definition() -> None:
    code = "\n\nimport x\n\n@cached\ndef area():\n    return 1"
    assert quoted(code, "python", lines=(3,)).startswith("`file:5`:\n\n```python\n@cached\n")


def test_a_place_is_told_of_prose_where_it_is_asked_for() -> None:
    text = "# Title\n\nOne is one."
    assert quote(given(text), passage(text), placed=True) == "`file:3`:\n\n“One is one.” [2]"


def test_a_place_on_a_page_is_the_page() -> None:
    assert place(paged(7), 3) == "`guide.pdf, p. 7`:"
    assert place(paged(None), 3) == "`guide.pdf:8`:"


def test_the_name_of_a_file_cannot_leave_its_place() -> None:
    assert place(paged(None, "a`\n\n[9] b"), 0) == "`a' [9] b:5`:"


def test_what_belongs_together_is_shown_together() -> None:
    assert quoted("Run this:\n```\nmake\n```") == "“Run this:” [2]\n\n```\nmake\n```\n[2]"


@pytest.mark.parametrize(
    "text", ["[3]", "[1, 2]", "[1-3]", "[^4]", "【5】", "【1†source】", "[source 2]", "[ 7 ]"]
)
def test_a_documents_own_citations_are_taken_apart(text: str) -> None:
    shown = harmless(f"As said {text} before.")
    assert "[" not in shown
    assert "【" not in shown


def test_other_brackets_stay() -> None:
    assert harmless("a [link](x) and [b]") == "a [link](x) and [b]"


def test_images_load_nothing() -> None:
    assert harmless("see ![a cat](http://evil/x.png)") == "see a cat"
    assert harmless("see ![a [b]](http://evil/x.png)") == "see [a [b]](http://evil/x.png)"
    assert harmless("see !![a][b]") == "see [a][b]"


def test_a_lone_backtick_hides_no_citation() -> None:
    assert harmless("use `x` or `y") == "use 'x' or 'y"
    assert harmless("use `x`") == "use `x`"
