from collections.abc import Sequence

import numpy as np
import pytest

from tests.models.passages import passage
from trinax.models.extractive.support import Floats, supported

OIL = passage(
    "The 1973 oil crisis began in October 1973. It was caused by an embargo. "
    "Cars got smaller in the years that followed."
)
SEA = passage("The sea is deep. Ships sail on it. Whales live there, in great numbers.")


def best(question: str, *texts: str, kind: str = "text", language: str = "en") -> str:
    passages = [passage(text, kind, language) for text in texts]
    return supported(question, passages)[0].excerpt.text


def test_the_sentence_with_the_questions_words_is_best() -> None:
    assert supported("Why did cars get smaller?", [SEA, OIL])[0].excerpt.text == (
        "Cars got smaller in the years that followed."
    )


def test_excerpts_know_their_passage() -> None:
    assert supported("Where do whales live?", [OIL, SEA])[0].excerpt.n == 2


def test_all_excerpts_are_ranked() -> None:
    ranked = supported("When did the oil crisis begin?", [OIL, SEA])
    assert len(ranked) == 6
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_rare_words_tell_more_than_common_ones() -> None:
    assert best(
        "Which server port does zebra use?",
        "The server has a port. The server port is open. A zebra is used here too.",
    ).startswith("A zebra")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the tower built?", "The tower was built in 1889."),
        ("Who built the tower?", "The tower was built by Gustave Eiffel."),
        ("How many steps has the tower?", "The tower has 1,665 steps."),
    ],
)
def test_what_is_asked_for_counts(question: str, answer: str) -> None:
    others = "The tower was built with care. The tower has steps and lifts. "
    assert best(question, f"{others}{answer} Visitors like the tower very much.") == answer


def test_a_definition_answers_what_is() -> None:
    assert best(
        "What is a ledger?",
        "We once wrote about what a ledger costs. A ledger is a table of files and outcomes.",
    ).startswith("A ledger is")


def test_steps_answer_how_to() -> None:
    text = "To install the plugin is easy for most.\n\n- Open settings and install the plugin.\n"
    assert best("How do I install the plugin?", text, kind="markdown").startswith("- Open")


def test_code_answers_what_it_defines() -> None:
    caller = "def main():\n    total = area(2, 3)\n    print(total, area(3, 4))"
    definer = 'def area(width, height):\n    """Width times height."""'
    [first, _] = supported("What does area do?", [passage(t, "python") for t in (caller, definer)])
    assert first.excerpt.text == definer
    assert first.best_line == 0


def test_other_languages_are_stemmed_too() -> None:
    text = "El perro duerme en casa. Los científicos descubrieron la penicilina en Londres."
    question = "¿Qué científico descubrió la penicilina?"
    assert best(question, text, language="es").startswith("Los científicos")


def test_chinese_is_compared_by_characters() -> None:
    text = "天气很好。石油危机开始于1973年。"
    assert best("石油危机什么时候开始？", text, language="zh") == "石油危机开始于1973年。"


def test_without_common_words_the_first_passage_leads() -> None:
    assert supported("Schlüssel", [SEA, OIL])[0].excerpt.n == 1


def test_an_embedder_has_a_say() -> None:
    def similarity(question: str, texts: Sequence[str]) -> Floats:
        return np.array([float("Cars" in text) for text in texts])

    assert supported("vehicles", [OIL], similarity)[0].excerpt.text.startswith("Cars")


@pytest.mark.parametrize("text", ["", "   \n", "---"])
def test_nothing_to_quote_is_no_excerpt(text: str) -> None:
    assert supported("why?", [passage(text)]) == []


def test_no_question_is_no_error() -> None:
    assert len(supported("", [OIL])) == 3
