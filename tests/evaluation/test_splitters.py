from collections.abc import Callable

import pytest

from tests.documents.documents import words
from trinax.documents.tokens import count
from trinax.evaluation.splitters import Stretch, fixed, recursive


def _texts(text: str, stretches: list[Stretch]) -> list[str]:
    return [text[start:end] for start, end in stretches]


def test_a_fixed_size_is_filled_with_words() -> None:
    text = words(25)
    assert [count(one) for one in _texts(text, fixed(text, 10))] == [10, 10, 5]


def test_recursion_keeps_paragraphs_that_fit_and_joins_them() -> None:
    text = f"{words(4)}\n\n{words(5)}\n\n{words(30)}"
    found = _texts(text, recursive(text, 12))
    assert found[0] == f"{words(4)}\n\n{words(5)}"
    assert max(map(count, found)) <= 12


@pytest.mark.parametrize("split", [fixed, recursive])
@pytest.mark.parametrize("text", ["", "word", "a b\n\nc. d? e! f" * 9, "x" * 500, "\n\n\n a"])
def test_nothing_is_lost(split: Callable[[str, int], list[Stretch]], text: str) -> None:
    assert "".join(_texts(text, split(text, 7))).strip() == text.strip()
