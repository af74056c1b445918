import pytest

from trinax.answering.grounding.citations import CitationFilter, cited, without_citations


def filtered(text: str, known: set[int]) -> str:
    passing = CitationFilter(known)
    return passing.feed(text) + passing.flush()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It is blue [1].", "It is blue [1]."),
        ("It is blue [7].", "It is blue."),
        ("It is blue[1][7][2].", "It is blue[1][2]."),
        ("It is blue [1, 7, 2].", "It is blue [1][2]."),
        ("It is blue [1-3].", "It is blue [1][2][3]."),
        ("It is blue [0].", "It is blue."),
        ("它是蓝色的【1】。", "它是蓝色的[1]。"),
        ("It is blue 【1†guide.md】.", "It is blue [1]."),
        ("It is blue [^2].", "It is blue [2]."),
        ("It is blue [passage 2].", "It is blue [2]."),
        ("See [the guide](a.md) [1].", "See [the guide](a.md) [1]."),
        ("A [note] and [another [1]].", "A [note] and [another [1]]."),
        ("Use `xs[9]` here [1].", "Use `xs[9]` here [1]."),
        ("```\nxs[9] = [4, 5]\n```\nDone [9] [1].", "```\nxs[9] = [4, 5]\n```\nDone [1]."),
        ("A stray ` tick\nthen [9] and [1].", "A stray ` tick\nthen and [1]."),
        ("Cut off [1", "Cut off [1"),
        ("Two  spaces and a trailing ", "Two  spaces and a trailing "),
        ("[9]", ""),
    ],
)
def test_only_known_numbers_are_shown(written: str, shown: str) -> None:
    assert filtered(written, {1, 2, 3}) == shown


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pieces_of_any_size_give_the_same_text(size: int) -> None:
    text = "Blue [1, 9] sky `a[9]` and 【2】 then [x] ``b[8]`` [3].\n```\nc[9]\n```\n[7] end"
    passing = CitationFilter({1, 2, 3})
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert "".join(map(passing.feed, pieces)) + passing.flush() == filtered(text, {1, 2, 3})


def test_text_is_held_only_from_an_opening_bracket() -> None:
    passing = CitationFilter({1})
    assert [passing.feed(piece) for piece in ("Blue", " [", "1", "]", ".")] == [
        "Blue",
        "",
        "",
        " [1]",
        ".",
    ]


def test_a_long_bracket_is_let_go() -> None:
    passing = CitationFilter({1})
    assert passing.feed("[" + "a" * 60) == "[" + "a" * 60


def test_citations_are_read_in_order_outside_code() -> None:
    assert cited("Blue [2][1], `a[7]` and [2, 3].") == [2, 1, 3]


def test_citations_can_be_left_out() -> None:
    assert without_citations("Blue [2][1], see [note].") == "Blue, see [note]."


@pytest.mark.parametrize("text", [" " * 100_000, "[" * 100_000, "[1†" * 40_000, "[1,1," * 20_000])
def test_hostile_texts_pass_in_linear_time(text: str) -> None:
    assert filtered(text, {1}) == text
    assert cited(text) == []
