import time

import pytest

from trinax.answering.routing.kinds import KINDS, by_weights, judged, weights
from trinax.settings import Kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good evening, how's your day been?", "trivial"),
        ("muchas gracias por todo", "trivial"),
        ("what's 7 times 8", "trivial"),
        ("capital of Australia?", "trivial"),
        ("quelle est la capitale du Pérou ?", "trivial"),
        ("haha that was a terrible class joke", "trivial"),
        ("谢谢你的帮助", "trivial"),
        ("how do I reverse a linked list in C", "code"),
        ("docker compose up fails with port already allocated", "code"),
        ("write a function that merges two sorted arrays", "code"),
        ("por qué me da KeyError al leer el diccionario?", "code"),
        ("Wie lese ich eine CSV-Datei in Python ein?", "code"),
        ("```\nfor i in x: pass\n```", "code"),
        ("What does our travel policy say about first class trains?", "general"),
        ("Write a birthday message for my colleague Ana", "general"),
        ("¿Qué cubre el seguro del coche en caso de robo?", "general"),
        ("Quels sont les horaires d'ouverture selon le règlement ?", "general"),
        ("Wie entkalke ich eine Kaffeemaschine?", "general"),
        ("What is in tokenizer.pdf?", "general"),
        ("Plan a two-week trip through Japan with a toddler, on 3000 euros.", "complex"),
        ("Kafka or RabbitMQ for 200 msgs/s? trade-offs please", "complex"),
        ("analiza los pros y contras de teletrabajar cuatro días", "complex"),
        ("Refactor the auth and billing packages so they share one session layer", "complex"),
        ("请比较两种方案，从成本和安全两方面分析，并给出建议", "complex"),
    ],
)
def test_requests_have_a_kind(text: str, expected: Kind) -> None:
    found = judged(text)
    assert found.kind == expected
    assert found.reasons


@pytest.mark.parametrize("text", ["", " \n\t", "?", "\x00", "\ud800", "𝔘𝔫𝔦", "ｆｕｌｌ", "ا ب"])
def test_nothing_to_judge_by_has_a_kind_too(text: str) -> None:
    found = judged(text)
    assert found.kind in KINDS
    assert sum(found.chances.values()) == pytest.approx(1.0)


def test_reasons_are_told_in_words_and_strongest_first() -> None:
    assert "it holds an error or a trace" in judged("Traceback: KeyError in app.py").reasons
    assert len(judged("compare the pros and cons and plan the risks step by step").reasons) <= 3


def test_words_that_say_nothing_are_no_reason() -> None:
    said = " ".join(judged("what is the capital of the moon").reasons)
    assert "“the”" not in said


def test_weights_decide_by_hand() -> None:
    learned = {"": [0.0, 0.0, 0.0, 0.0], "fence": [0.0, 2.0, 0.0, 0.0]}
    found = by_weights({"fence": 1.0, "unknown": 9.0}, learned)
    assert found.kind == "code"
    assert found.chance == pytest.approx(0.7112, abs=1e-4)  # e² / (e² + 3)
    assert found.reasons == ("it holds a block of code",)


def test_without_any_reason_it_says_so() -> None:
    assert by_weights({}, {"": [0.0] * 4}).reasons == ("nothing speaks for another kind",)


def test_each_weight_has_a_kind() -> None:
    assert {len(row) for row in weights().values()} == {len(KINDS)}


def test_pasted_prose_does_not_decide() -> None:
    letter = "The plan compares costs, risks and options of both designs step by step. " * 12
    assert judged(f"Please proofread this letter\n\n{letter}").kind == "general"


def test_a_quoted_word_is_not_what_is_asked_for() -> None:
    assert judged("how do you say 'variable' in German?").kind == "trivial"


def test_the_end_of_a_long_request_counts() -> None:
    assert judged("first " * 50_000 + "\nfix this: def f(x): return y").kind == "code"


@pytest.mark.parametrize(
    "part", ["a", "word ", "a_", "('", "a-b-", "\n \n", '"a', "中文", "1 ", "```", "A.a(", "/a"]
)
def test_a_long_request_takes_no_longer_than_its_ends(part: str) -> None:
    judged("warm")
    text = (part * 100_000)[:100_000]
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        judged(text)
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.05  # some 5 ms on one core; the rest is for slow machines
