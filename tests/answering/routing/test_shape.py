import pytest

from trinax.answering.routing.shape import parts


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("explain\n```py\nx = 1\n```", "explain"),
        ("what does `yield` do", "what does   do"),
        ("say “good day to you”", "say"),
        ("translate 'cat'", "translate"),
    ],
)
def test_code_and_quotations_are_not_what_is_asked(text: str, asked: str) -> None:
    assert parts(text).asked.replace("…", "").strip() == asked


@pytest.mark.parametrize("order", [1, -1])
def test_a_pasted_block_is_not_what_is_asked(order: int) -> None:
    blocks = ["Shorten this please.", "The bus stops at the mill. " * 20][::order]
    found = parts("\n\n".join(blocks))
    assert found.asked.strip() == "Shorten this please."
    assert found.pasted


def test_paragraphs_of_one_length_all_ask() -> None:
    text = "\n\n".join(["We should plan the move of the whole team to the new house. " * 5] * 2)
    assert parts(text).asked.count("\n") == 1


def test_an_apostrophe_opens_no_quotation() -> None:
    assert "don't say it isn't" in parts("don't say it isn't").asked


def test_the_middle_of_a_long_text_is_left_out() -> None:
    seen = parts("begin " + "x" * 100_000 + " end")
    assert seen.whole.startswith("begin")
    assert seen.whole.endswith("end")
    assert len(seen.whole) < 3000
