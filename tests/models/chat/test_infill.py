from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.chat.infill import infill_tokens
from trinax.models.ports import Infilling


@dataclass(frozen=True)
class Mark:
    token: int
    control: bool = True
    trims_left: bool = False
    trims_right: bool = False


@dataclass(frozen=True)
class Marks:
    prefix: int | None = 301
    suffix: int | None = 302
    middle: int | None = 303


@dataclass
class Vocabulary:
    """Bytes, a beginning (300), and marks."""

    infill: Marks = field(default_factory=Marks)
    prefix: tuple[int, ...] = (300,)
    size: int = 304
    specials: Mapping[str, Mark] = field(default_factory=lambda: {"<mid>": Mark(303)})

    def tokens(self, text: str) -> list[int]:
        return list(text.encode())


WITHOUT = Vocabulary(infill=Marks(None, None, None))
A, B = ord("a"), ord("b")


def test_a_gap_is_filled_in_the_order_prefix_suffix_middle() -> None:
    assert infill_tokens(Infilling("a", "b"), Vocabulary()) == [300, 301, A, 302, B, 303]
    assert infill_tokens(Infilling((A,), "b"), Vocabulary()) == [300, 301, A, 302, B, 303]


def test_nothing_behind_the_gap_is_a_gap_too() -> None:
    assert infill_tokens(Infilling("a", ""), Vocabulary()) == [300, 301, A, 302, 303]


def test_text_is_continued_as_it_is() -> None:
    assert infill_tokens(Infilling("ab"), Vocabulary()) == [300, A, B]
    assert infill_tokens(Infilling("ab", ""), WITHOUT) == [300, A, B]


def test_tokens_are_continued_as_they_are() -> None:
    assert infill_tokens(Infilling((B, 303)), Vocabulary()) == [B, 303]


def test_marks_count_in_text_to_continue_and_not_beside_a_gap() -> None:
    assert infill_tokens(Infilling("a<mid>"), Vocabulary()) == [300, A, 303]
    assert 303 not in infill_tokens(Infilling("<mid>", "<mid>"), Vocabulary())[:-1]


def test_a_suffix_is_refused_where_the_vocabulary_cannot_fill_in() -> None:
    with pytest.raises(UnsupportedParameter, match="suffix"):
        infill_tokens(Infilling("a", "b"), WITHOUT)


@pytest.mark.parametrize("token", [-1, 304])
def test_tokens_that_do_not_exist_are_refused(token: int) -> None:
    with pytest.raises(InvalidRequest, match=str(token)):
        infill_tokens(Infilling((A, token)), Vocabulary())
