import numpy as np
import pytest

from trinax.evaluation.agreement import AS_IT_IS, IDF, LENGTH, agreements, tau

TEXTS = [
    "",
    "Owls hunt mice at night.",
    "Mice sleep at night, owls do not: owls hunt owls' prey then.",
    "Bread is baked at night by bakers who sleep by day.",
    "A long page on bread, rye bread, wheat bread, sour bread and how they are baked. " * 4,
]


def test_equal_orders_agree_and_reversed_ones_do_not() -> None:
    scores = np.array([3.0, 2.0, 1.0])
    assert tau(scores, scores * 5) == 1.0
    assert tau(scores, -scores) == -1.0


def test_ties_count_half() -> None:
    # Two of three pairs are in the same order, the third is one in the first list only:
    # 2 / sqrt(3 · 2).
    one, other = np.array([3.0, 2.0, 1.0]), np.array([2.0, 2.0, 1.0])
    assert tau(one, other) == pytest.approx(2 / 6**0.5)


def test_nothing_to_order_agrees() -> None:
    assert tau(np.array([1.0]), np.array([7.0])) == 1.0


def test_what_is_left_when_the_formulas_are_equal_is_nothing() -> None:
    found = {one.way: one for one in agreements(TEXTS, ["owls and bread at night", "mice"])}
    assert [*found] == [AS_IT_IS, IDF, LENGTH]
    assert found[AS_IT_IS].difference > 0.1
    assert found[LENGTH].difference < 1e-5
    assert (found[LENGTH].tau, found[LENGTH].top) == (1.0, 1.0)


def test_a_question_without_a_word_is_not_asked() -> None:
    assert [one.tau for one in agreements(TEXTS, ["mice", "?!"])][-1] == 1.0


def test_a_word_that_no_text_has_is_found_by_neither() -> None:
    (*_, last) = agreements(TEXTS, ["zebras"])
    assert (last.tau, last.top, last.difference) == (1.0, 1.0, 0.0)
