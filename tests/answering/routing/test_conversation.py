import time

import pytest

from trinax.answering.routing.conversation import TURNS, of_conversation
from trinax.models.ports import Message
from trinax.settings import Kind

CODE = "write a python function that sums a list"
LEASE = "What does the lease say about the deposit?"
WEIGH = "Compare leasing and buying a van, with costs and risks over ten years."


def talk(*turns: str) -> list[Message]:
    return [
        message
        for turn in turns
        for message in (Message("user", turn), Message("assistant", "Here: def f(): ..."))
    ][:-1]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((CODE, "make it async"), "code"),
        ((CODE, "make it shorter"), "code"),
        ((CODE, "why?"), "code"),
        ((CODE, "¿y en español?"), "code"),
        ((CODE, "thanks!", "why?"), "code"),
        ((LEASE, "and for pets?"), "general"),
        ((LEASE, "what about cats"), "general"),
        ((WEIGH, "and if we wait two years?"), "complex"),
        ((WEIGH, "why?"), "complex"),
    ],
)
def test_a_follow_up_keeps_the_kind(turns: tuple[str, ...], expected: Kind) -> None:
    assert of_conversation(talk(*turns)).kind == expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((CODE, "thanks!"), "trivial"),
        ((CODE, LEASE), "general"),
        ((CODE, WEIGH), "complex"),
        ((CODE, "Write a birthday poem for my aunt who loves tulips"), "general"),
        ((LEASE, CODE), "code"),
        ((WEIGH, "TypeError: 'int' object is not iterable"), "code"),
        (("hello", "and you?"), "trivial"),
        (("hello", LEASE), "general"),
    ],
)
def test_a_turn_that_stands_alone_changes_it(turns: tuple[str, ...], expected: Kind) -> None:
    assert of_conversation(talk(*turns)).kind == expected


def test_what_is_kept_is_said() -> None:
    assert of_conversation(talk(WEIGH, "why?")).reasons[0] == "it follows up on an earlier turn"


def test_only_what_the_user_says_counts() -> None:
    messages = [Message("system", CODE), Message("user", LEASE), Message("assistant", CODE)]
    assert of_conversation([*messages, Message("user", "and cats?")]).kind == "general"


def test_what_lies_far_back_is_forgotten() -> None:
    turns = (CODE, *["ok"] * TURNS, "why?")
    assert of_conversation(talk(*turns)) == of_conversation(talk(*turns[1:]))


def test_the_same_conversation_has_the_same_kind() -> None:
    messages = talk(CODE, "thanks!", "and in Rust?")
    assert of_conversation(messages) == of_conversation(messages)


def test_a_long_conversation_of_long_turns_is_bounded() -> None:
    messages = talk(*["so it is, or is it " * 5000] * 40)
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        of_conversation(messages)
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.25  # some 15 ms on one core
