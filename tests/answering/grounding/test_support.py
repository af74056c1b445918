import pytest

from tests.answering.passages import passage
from trinax.answering.grounding.support import grounding, sentences
from trinax.answering.records import Source

KEEPER = Source(1, passage("The keeper of the lighthouse is called Marta Lindqvist."), 0.9)
LAMP = Source(2, passage("The lamp burns forty litres of paraffin each night."), 0.5)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It is 3.5 m, e.g. tall. Yes.", ["It is 3.5 m, e.g. tall.", "Yes."]),
        ("One [1]. Two. [2][3] Three", ["One [1].", "Two. [2][3]", "Three"]),
        ("它是蓝色的。【1】天空。", ["它是蓝色的。 【1】", "天空。"]),
        ("- One\n- Two\n\n3. Three", ["One", "Two", "Three"]),
        ("So:\n```py\na. b\n\nc\n```\n[1]", ["So:", "```py\na. b\n\nc\n``` [1]"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_answers_are_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_sentence_that_its_passage_holds_is_supported() -> None:
    judged = grounding("The keeper is called Marta Lindqvist [1].", [KEEPER, LAMP])
    assert judged.verdict == "answered"
    (support,) = judged.support
    assert (support.sources, support.score) == ((1,), 1.0)


def test_a_sentence_that_cites_the_wrong_passage_is_not() -> None:
    judged = grounding("The keeper is called Marta Lindqvist [2].", [KEEPER, LAMP])
    assert judged.verdict == "insufficient"
    assert judged.support[0].score == 0.0


def test_a_sentence_without_citation_gets_its_best_passage() -> None:
    judged = grounding("Each night it burns paraffin, forty litres.", [KEEPER, LAMP])
    assert judged.support[0].sources == (2,)
    assert judged.verdict == "answered"


def test_an_unsupported_sentence_has_no_source() -> None:
    judged = grounding("Penguins live in Antarctica.", [KEEPER, LAMP])
    assert judged.support[0].sources == ()
    assert judged.verdict == "insufficient"


def test_an_answer_that_is_carried_in_part_is_partial() -> None:
    text = "The keeper is called Marta Lindqvist [1]. Penguins live in Antarctica, eating krill."
    assert grounding(text, [KEEPER, LAMP]).verdict == "partial"


def test_words_are_compared_by_their_stems() -> None:
    judged = grounding("Lighthouse keepers are called Marta Lindqvist [1].", [KEEPER])
    assert judged.support[0].score == 1.0


def test_a_lead_in_is_not_judged() -> None:
    judged = grounding("According to your documents:\nThe keeper is Marta Lindqvist [1].", [KEEPER])
    assert [support.sentence for support in judged.support] == [
        "The keeper is Marta Lindqvist [1]."
    ]


def test_an_answer_without_words_is_insufficient() -> None:
    assert grounding("", [KEEPER]).verdict == "insufficient"
    assert grounding("Yes.", []).verdict == "insufficient"
