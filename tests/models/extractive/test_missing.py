import pytest

from tests.models.passages import passage
from trinax.embedding.static import StaticEmbedder
from trinax.index.records import Passage
from trinax.models.extractive.asking import asked
from trinax.models.extractive.features import material, words
from trinax.models.extractive.missing import LIMIT, SHOWN_CHARACTERS, missing

EMBEDDER = StaticEmbedder()
OIL = passage("The 1973 oil crisis began in October 1973, when OPEC proclaimed an embargo.")
CODE = passage("def read_file(path):\n    return open(path).read()", "python")


def lost(question: str, *passages: Passage, quoted: int = 1) -> list[str]:
    given = material(passages, (), EMBEDDER)
    one = asked(question)
    return missing(one, words(one.text, given), given, frozenset([quoted]), EMBEDDER)


@pytest.mark.parametrize(
    "question",
    [
        "When did the oil crisis begin?",
        "Which organisation proclaimed embargoes?",  # other forms of the words
        "Tell me about petroleum.",  # words like those of the passage
        "Why?",
        "",
    ],
)
def test_nothing_is_missed_without_need(question: str) -> None:
    assert lost(question, OIL) == []


def test_names_are_missed_and_stand_together() -> None:
    assert lost("Did OPEC ask Harold Wilson in 1974?", OIL) == ["Harold Wilson", "1974"]


def test_a_name_in_another_passage_is_missed_in_the_quoted_one() -> None:
    other = passage("Harold Wilson was prime minister.")
    assert lost("What did Harold Wilson say of oil?", OIL, other) == ["Harold Wilson"]
    assert lost("What did Harold Wilson do?", OIL, other, quoted=2) == []


def test_a_name_in_the_title_is_not_missed() -> None:
    assert (
        lost("When did the Suez crisis begin?", passage("It began in 1956.", context="Suez")) == []
    )


def test_a_function_that_is_not_there_is_missed_although_its_words_are() -> None:
    assert lost("What does write_file do with the path?", CODE) == ["write_file"]
    assert lost("What does read_file do?", CODE) == []


def test_a_number_is_missed_although_its_digits_stand_in_another() -> None:
    assert lost("What happened to oil in 97?", OIL) == ["97"]


def test_what_begins_a_sentence_is_no_name() -> None:
    assert lost("Oil? Ships?", OIL) == []


def test_long_lists_and_words_are_cut() -> None:
    many = lost("oil " + " and ".join(f"Xa{i}y" for i in range(50)), OIL)
    assert len(many) == LIMIT
    assert lost("oil Q" + "q" * 500, OIL) == ["Q" + "q" * (SHOWN_CHARACTERS - 1) + "…"]


def test_chinese_words_are_not_missed() -> None:
    assert lost("石油危机什么时候开始？", OIL) == []


def test_in_other_languages_only_names_are_missed() -> None:
    passages = [passage("La crisis del petróleo empezó en 1973.", language="es")]
    question = "¿Por qué empezó la malhadada crisis del petróleo según dijo Harold Wilson?"
    assert lost(question, *passages) == ["Harold Wilson"]
