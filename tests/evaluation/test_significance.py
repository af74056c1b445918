from itertools import product

import pytest

from trinax.evaluation.significance import sign_flip

DIFFERENCES = [0.5, -0.1, 0.25, 0.3, 0.0, 0.05, -0.2, 0.4]


def every_sign(differences: list[float]) -> float:
    sums = [
        sum(sign * one for sign, one in zip(signs, differences, strict=True))
        for signs in product((-1, 1), repeat=len(differences))
    ]
    least = abs(sum(differences)) - 1e-9
    return sum(abs(one) >= least for one in sums) / len(sums)


def test_drawn_signs_come_near_to_all_of_them() -> None:
    assert sign_flip(DIFFERENCES) == pytest.approx(every_sign(DIFFERENCES), abs=0.02)


def test_questions_without_a_difference_change_nothing() -> None:
    assert sign_flip([*DIFFERENCES, *[0.0] * 50]) == sign_flip(DIFFERENCES)


def test_no_difference_at_all_is_certainly_chance() -> None:
    assert sign_flip([0.0, 0.0]) == sign_flip([]) == 1.0


def test_a_difference_on_every_question_is_not_chance_but_never_zero() -> None:
    assert sign_flip([0.1] * 40) == pytest.approx(1 / 10_001)


def test_both_directions_count() -> None:
    assert sign_flip([-one for one in DIFFERENCES]) == sign_flip(DIFFERENCES)


def test_many_questions_are_drawn_in_blocks() -> None:
    assert 0.2 < sign_flip([0.1, -0.1] * 30_000 + [0.1] * 100, rounds=300) <= 1
