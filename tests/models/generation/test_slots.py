from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trinax.llama.context import Context, Size, Slice
from trinax.llama.weights import Weights
from trinax.models.generation.slots import Slot, Slots


@pytest.fixture
def context(models: Path) -> Iterator[Context]:
    weights = Weights("noise", models / "noise.gguf")
    context = Context(weights, Size(tokens=512, sequences=8, threads=1))
    yield context
    context.close()
    weights.close()


@pytest.fixture
def slots(context: Context) -> Slots:
    return Slots(context, whole=False, limit_tokens=200)


def slot(*tokens: int) -> Slot:
    return Slot(np.array([*tokens, 0], np.int32), len(tokens))


def computed(slots: Slots, *tokens: int) -> Slot:
    made = slot(*tokens)
    slots.place(made)
    rest = made.tokens[made.done : made.known]
    slots.context.evaluate([Slice(made.sequence, made.done, rest, False)])
    made.done = made.known
    return made


def answer(slots: Slots, slot: Slot) -> list[float]:
    """The logits after the tokens 0 to 40."""
    [place] = slots.context.evaluate([Slice(slot.sequence, 40, [40], True)])
    slots.context.cut(slot.sequence, 40)
    return [float(logit) for logit in slots.context.logits(place)]


def test_an_unknown_prompt_begins_from_nothing(slots: Slots) -> None:
    new = slot(5, 6, 7)
    slots.place(new)
    assert new.placed
    assert (new.done, new.cached, new.missing) == (0, 0, 3)


def test_a_prompt_begins_with_what_a_running_answer_has_computed(slots: Slots) -> None:
    computed(slots, 5, 6, 7, 8)
    new = slot(5, 6, 9, 9)
    slots.place(new)
    assert (new.done, new.cached) == (2, 2)


def test_a_prompt_begins_with_what_was_kept(slots: Slots) -> None:
    slots.keep(computed(slots, *range(40), 8))
    new = slot(*range(40), 9)
    slots.place(new)
    assert new.cached == 40


def test_the_longest_beginning_wins(slots: Slots) -> None:
    slots.keep(computed(slots, *range(80)))
    slots.keep(computed(slots, 0, *range(100, 140)))
    new = slot(*range(60), 9)
    slots.place(new)
    assert new.cached == 60


def test_the_last_token_is_always_computed(slots: Slots) -> None:
    slots.keep(computed(slots, *range(40)))
    new = slot(*range(40))
    slots.place(new)
    assert (new.cached, new.missing) == (39, 1)


def test_what_is_wholly_used_again_is_not_kept_twice(slots: Slots) -> None:
    slots.keep(computed(slots, *range(40)))
    slots.place(slot(*range(40), 8))
    assert slots.kept == []


def test_what_is_partly_used_again_stays(slots: Slots) -> None:
    slots.keep(computed(slots, *range(80)))
    slots.place(slot(*range(40), 99))
    assert [len(kept.tokens) for kept in slots.kept] == [80]


def test_what_is_kept_comes_back_as_it_was(slots: Slots) -> None:
    first = computed(slots, *range(40))
    before = answer(slots, first)
    slots.keep(first)
    again = slot(*range(41))
    slots.place(again)
    assert again.missing == 1
    assert answer(slots, again) == pytest.approx(before)


def test_the_least_recently_used_is_forgotten_first(slots: Slots) -> None:
    for first in (1, 2, 3, 4):
        slots.keep(computed(slots, first, *range(100, 149)))  # 200 tokens, which is the limit
    slots.place(slot(1, *range(100, 120), 5))
    slots.keep(computed(slots, 5, *range(100, 149)))
    assert [kept.tokens.tolist()[0] for kept in slots.kept] == [3, 4, 1, 5]


def test_what_is_longer_than_all_that_may_be_kept_is_not_copied(slots: Slots) -> None:
    slots.keep(computed(slots, *range(40)))
    slots.keep(computed(slots, 250, *range(210)))  # the limit is 200
    assert [len(kept.tokens) for kept in slots.kept] == [40]


def test_short_ones_are_not_worth_a_copy(slots: Slots) -> None:
    slots.keep(computed(slots, *range(31)))
    assert slots.kept == []


def test_nor_is_what_another_copy_nearly_holds(slots: Slots) -> None:
    slots.keep(computed(slots, *range(80)))
    slots.keep(computed(slots, *range(70), *range(100, 120)))
    assert [len(kept.tokens) for kept in slots.kept] == [80]


def test_a_longer_copy_replaces_the_shorter(slots: Slots) -> None:
    first = computed(slots, *range(60))
    slots.keep(computed(slots, *range(120)))
    slots.keep(first)
    assert [len(kept.tokens) for kept in slots.kept] == [120]


def test_a_prompt_waits_for_one_that_computes_the_same(slots: Slots) -> None:
    first = slot(*range(10, 60))
    slots.place(first)
    assert slots.worth_waiting(slot(*range(10, 55), 1), [first], least=32)
    assert not slots.worth_waiting(slot(*range(10, 20), 1), [first], least=32)
    first.done = 45
    assert not slots.worth_waiting(slot(*range(10, 55), 1), [first], least=32)


def test_a_state_that_cannot_be_cut_is_used_as_a_whole_or_not(context: Context) -> None:
    slots = Slots(context, whole=True, limit_tokens=200)
    slots.keep(computed(slots, *range(40)))
    part, whole = slot(*range(39), 99), slot(*range(40), 8)
    slots.place(part)
    slots.place(whole)
    assert (part.cached, whole.cached) == (0, 40)


def test_a_copy_that_finds_no_room_is_computed_anew(slots: Slots) -> None:
    slots.keep(computed(slots, *range(100)))
    for first in range(4):
        computed(slots, 200 + first, *range(110))  # 444 of 512 tokens
    new = slot(*range(100), 9)
    slots.place(new)
    assert (new.done, new.cached) == (0, 0)


def test_memory_is_given_back(slots: Slots) -> None:
    for first in range(2000):  # of 512 tokens room
        slots.keep(computed(slots, first % 250, *range(40)))
    assert len(slots.kept) == 4
