import pytest

from trinax.answering.grounding.citations import Citation, citations, cited, without_citations


def test_citations_are_read_in_order_outside_code() -> None:
    assert cited("Blue [2][1], `a[7]` and [2, 3].") == [2, 1, 3]


def test_a_citation_is_placed_by_its_characters() -> None:
    assert citations("Blau 🗼 [2, 3], `a[7]` [1]") == [
        Citation(7, 13, (2, 3)),
        Citation(22, 25, (1,)),
    ]


def test_citations_can_be_left_out() -> None:
    assert without_citations("Blue [2][1], see [note].") == "Blue, see [note]."


@pytest.mark.parametrize("text", [" " * 100_000, "[" * 100_000, "[1†" * 40_000, "[1,1," * 20_000])
def test_hostile_texts_cite_nothing(text: str) -> None:
    assert cited(text) == []
