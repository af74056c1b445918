import pytest

from trinax.retrieval.followup import leans, turns


@pytest.mark.parametrize(
    "question",
    [
        "and on Windows?",
        "What about its limits?",
        "Who wrote it?",
        "How does that work?",
        "Why?",
        "¿Y en Linux?",
        "Et sous Windows ?",
        "Wie groß ist dessen Speicher?",
        "它的首都是哪里？",
        "乌龙茶呢？",
        "I work in Valencia",
        "No, sorry, I meant Linux.",
        "For the Harbour Museum, please.",
        "Longer than on Venus?",
        "And how is an inner one different?",
    ],
)
def test_short_and_pronominal_questions_lean_on_the_conversation(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I add a GGUF model?",
        "Which command prints the list of installed models?",
        "¿Cuál es la capital de Francia?",
        "Was ist die Hauptstadt von Frankreich?",
        "法国的首都是哪里，人口有多少？",
        "医院几点开门？",
        "Which keeper is older than the tower?",
        "In which year was the tower of Lornay built?",
        "python check if a variable is iterable",
        "What was the price of oil in 1979 before it rose to its highest value?",
    ],
)
def test_complete_questions_stand_by_themselves(question: str) -> None:
    assert not leans(question)


def test_a_complete_question_ignores_the_history() -> None:
    assert turns("How do I add a GGUF model?", ["What is BM25?"]) == [
        ("How do I add a GGUF model?", 1.0)
    ]


def test_earlier_turns_halve_with_distance() -> None:
    assert turns("and on Windows?", ["How do I install trinax?", "And on Linux?"]) == [
        ("and on Windows?", 1.0),
        ("And on Linux?", 0.5),
        ("How do I install trinax?", 0.25),
    ]


def test_nothing_counts_before_a_turn_that_stands_by_itself() -> None:
    history = ["Who wrote The Salt Road?", "How do I install trinax?"]
    assert turns("and on Windows?", history) == [("and on Windows?", 1.0), (history[1], 0.5)]


def test_the_second_of_two_things_leaves_the_first_behind() -> None:
    history = ["Compare the ferries to Brandsey and Lornay."]
    assert turns("Does the second one take cars on board in winter?", history) == [
        ("Does the second one take cars on board in winter?", 1.0),
        ("Compare the ferries to  and Lornay.", 0.5),
    ]


def test_no_more_than_four_earlier_turns_count() -> None:
    history = ["one", "two", "three", "four", "five"]
    assert [text for text, _ in turns("why?", history)] == ["why?", "five", "four", "three", "two"]


def test_blank_turns_and_repeats_of_the_question_are_skipped() -> None:
    assert turns("why?", ["What is BM25?", "why?", " "]) == [("why?", 1.0), ("What is BM25?", 0.5)]
