import pytest

from trinax.answering.records import Kind
from trinax.answering.routing.kinds import kind


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
        ("Plan a two-week trip through Japan with a toddler, on 3000 euros.", "complex"),
        ("Kafka or RabbitMQ for 200 msgs/s? trade-offs please", "complex"),
        ("analiza los pros y contras de teletrabajar cuatro días", "complex"),
        ("Refactor the auth and billing packages so they share one session layer", "complex"),
        ("请比较两种方案，从成本和安全两方面分析，并给出建议", "complex"),
    ],
)
def test_requests_have_a_kind(text: str, expected: Kind) -> None:
    found, reasons = kind(text)
    assert found == expected
    assert reasons


def test_nothing_at_all_has_a_kind() -> None:
    assert kind("")[0] in ("trivial", "general")


@pytest.mark.parametrize("text", ["a" * 200_000, "first " * 50_000, "make (a," * 40_000])
def test_a_long_request_is_judged_by_its_ends(text: str) -> None:
    assert kind(text + "\nfix this: def f(x): return y")[0] == "code"
