import pytest

from tests.models.passages import passage
from trinax.models.extractive.excerpts import excerpts
from trinax.models.extractive.quoting import harmless, quote
from trinax.models.extractive.support import Supported


def quoted(text: str, kind: str = "markdown") -> str:
    return quote([Supported(one, 1.0) for one in excerpts(passage(text, kind), 2)], kind)


def test_neighbouring_sentences_are_one_quote() -> None:
    assert quoted("One is one. Two is two.") == "“One is one. Two is two.” [2]"


def test_a_single_item_is_a_sentence() -> None:
    assert quoted("- the only point") == "“the only point” [2]"


def test_items_stay_a_list() -> None:
    assert quoted("1. open it\n2. close it") == "- open it [2]\n- close it [2]"


def test_the_citation_is_no_row_of_the_table() -> None:
    assert quoted("| a |\n| b |") == "| a |\n| b |\n\n[2]"


def test_code_stands_in_a_fence() -> None:
    assert quoted("x = y[3]", "python") == "```python\nx = y[3]\n```\n[2]"


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


def test_a_lone_backtick_hides_no_citation() -> None:
    assert harmless("use `x` or `y") == "use 'x' or 'y"
    assert harmless("use `x`") == "use `x`"
