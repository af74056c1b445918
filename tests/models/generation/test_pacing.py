import pytest

from trinax.models.generation.pacing import (
    LEAST_TOKENS,
    READING_S,
    READING_TOKENS,
    STALL,
    STEP_S,
    Pace,
)

TOKEN_S, ANSWERS_S = 0.010, 0.100


@pytest.fixture
def pace() -> Pace:
    """After steps on a machine that takes 100 ms for four answers and 10 ms more for each token."""
    pace = Pace(512)
    for _ in range(40):
        pace.note(4, 0, ANSWERS_S)
        pace.note(4, 10, ANSWERS_S + 10 * TOKEN_S)
    return pace


def test_a_step_with_a_prompt_takes_at_most_so_many_times_one_without(pace: Pace) -> None:
    tokens = pace.budget(4)
    assert tokens > LEAST_TOKENS
    assert ANSWERS_S + tokens * TOKEN_S <= STALL * ANSWERS_S
    assert ANSWERS_S + (tokens + 1) * TOKEN_S > STALL * ANSWERS_S


def test_a_fast_model_may_pause_for_as_long_as_nobody_sees() -> None:
    pace = Pace(512)
    for _ in range(40):
        pace.note(4, 0, 0.010)
        pace.note(4, 10, 0.010 + 10 * 0.002)
    assert 0.010 + pace.budget(4) * 0.002 == pytest.approx(STEP_S)


def test_one_answer_pauses_for_longer_where_many_wait(pace: Pace) -> None:
    pace.note(1, 0, ANSWERS_S)
    assert pace.budget(1, prompts=1) < pace.budget(1, prompts=2)
    assert ANSWERS_S + pace.budget(1, prompts=7) * TOKEN_S <= READING_S


def test_a_prompt_always_goes_on(pace: Pace) -> None:
    for _ in range(40):
        pace.note(4, 10, 10.0)
    assert pace.budget(4) == LEAST_TOKENS


def test_alone_a_prompt_is_read_in_larger_parts(pace: Pace) -> None:
    for _ in range(40):
        pace.note(0, 100, 0.2)
    assert pace.budget(0) == pytest.approx(200, abs=1)  # 0.4 s of 2 ms


def test_parts_are_never_too_small_to_be_computed_well(pace: Pace) -> None:
    for _ in range(40):
        pace.note(0, 100, 10.0)
    assert pace.budget(0) == READING_TOKENS


def test_a_step_holds_no_more_than_a_batch(pace: Pace) -> None:
    for _ in range(40):
        pace.note(0, 512, 0.001)
    assert pace.budget(0) == 512
    assert Pace(64).budget(0) == 64
    assert 1 <= Pace(8).budget(7) <= 1


def test_it_follows_a_machine_that_becomes_slower(pace: Pace) -> None:
    before = pace.budget(4)
    for _ in range(40):
        pace.note(4, 10, ANSWERS_S + 10 * 3 * TOKEN_S)
    assert pace.budget(4) == before // 3
