import pytest

from tests.models.passages import passage
from trinax.embedding.static import StaticEmbedder
from trinax.index.records import Passage
from trinax.models.extractive.asking import asked
from trinax.models.extractive.features import NAMES, material
from trinax.models.extractive.support import Supported, supported
from trinax.models.extractive.weights import FITTED

OIL = passage(
    "The 1973 oil crisis began in October 1973. It was caused by an embargo. "
    "Cars got smaller in the years that followed."
)
SEA = passage("The sea is deep. Ships sail on it. Whales live there, in great numbers.")


def ranked(question: str, *passages: Passage, scores: tuple[float, ...] = ()) -> list[Supported]:
    return supported(asked(question), material(passages, scores))


def best(question: str, *texts: str, kind: str = "text", language: str = "en") -> str:
    return ranked(question, *(passage(text, kind, language) for text in texts))[0].excerpt.text


def test_every_feature_has_a_weight() -> None:
    assert set(FITTED) == set(NAMES)


def test_the_sentence_with_the_questions_words_is_best() -> None:
    assert ranked("Why did cars get smaller?", SEA, OIL)[0].excerpt.text == (
        "Cars got smaller in the years that followed."
    )


def test_excerpts_know_their_passage() -> None:
    assert ranked("Where do whales live?", OIL, SEA)[0].excerpt.n == 2


def test_all_excerpts_are_ranked() -> None:
    found = ranked("When did the oil crisis begin?", OIL, SEA)
    assert len(found) == 6
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


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
    [first, _] = ranked("What does area do?", *(passage(t, "python") for t in (caller, definer)))
    assert first.excerpt.text == definer
    assert first.lines == (0,)


def test_a_named_function_is_preferred_to_one_with_the_same_words() -> None:
    other = "def read_all_files(folder):\n    # read the file, then the next file\n    pass"
    named = "def open_it():\n    pass\n\ndef read_file(path):\n    pass"
    question = "Where is `read_file` defined?"
    [first, _] = ranked(question, *(passage(t, "python") for t in (other, named)))
    assert (first.excerpt.text, first.lines) == (named, (3,))


def test_rows_of_a_table_that_match_are_told() -> None:
    rows = "\n".join(f"| option{i} | {i} |" for i in range(9))
    [first] = ranked(
        "What is the default of option7?",
        passage(f"| setting | default |\n|---|---|\n{rows}", "markdown"),
    )
    assert 9 in first.lines
    assert 4 not in first.lines


def test_other_languages_are_stemmed_too() -> None:
    text = "El perro duerme en casa. Los científicos descubrieron la penicilina en Londres."
    question = "¿Qué científico descubrió la penicilina?"
    assert best(question, text, language="es").startswith("Los científicos")


def test_chinese_is_compared_by_characters() -> None:
    text = "天气很好。石油危机开始于1973年。"
    assert best("石油危机什么时候开始？", text, language="zh") == "石油危机开始于1973年。"


def test_without_common_words_the_passage_that_retrieval_prefers_leads() -> None:
    assert ranked("Schlüssel", SEA, OIL, scores=(0.9, 0.2))[0].excerpt.n == 1
    assert ranked("Schlüssel", SEA, OIL)[0].excerpt.n == 1


def test_an_embedder_has_a_say() -> None:
    embedder = StaticEmbedder()
    text = "The bakery opens at noon. My physician works at the clinic. The bus is late."
    given = material([passage(text)], (), embedder)
    assert "physician" in supported(asked("doctor"), given, embedder)[0].excerpt.text


@pytest.mark.parametrize("text", ["", "   \n", "---"])
def test_nothing_to_quote_is_no_excerpt(text: str) -> None:
    assert ranked("why?", passage(text)) == []


def test_no_question_is_no_error() -> None:
    assert len(ranked("", OIL)) == 3


@pytest.mark.parametrize(
    "question",
    ["how " * 25_000, "what is " + "a " * 50_000, "`" * 100_000, "where " + "x" * 100_000],
)
def test_a_huge_question_is_no_error(question: str) -> None:
    assert len(ranked(question, OIL)) == 3
