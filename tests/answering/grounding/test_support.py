from tests.answering.grounding.sources import BOAT, KEEPER, LAMP, carriers
from trinax.answering.grounding.support import Grounder, grounding
from trinax.answering.records import Grounding


def judged(answer: str, *texts: str) -> Grounding:
    return grounding(answer, carriers(texts or (KEEPER, LAMP)))


def test_a_sentence_that_its_passage_holds_is_supported() -> None:
    found = judged("The keeper is called Marta Lindqvist [1].")
    assert found.verdict == "answered"
    (support,) = found.support
    assert support.sources == (1,)
    assert support.score > 0.95
    assert support.spans[0].quote == "The keeper of the lighthouse is called Marta Lindqvist."


def test_a_sentence_that_cites_the_wrong_passage_is_not() -> None:
    found = judged("The keeper is called Marta Lindqvist [2].")
    assert found.verdict == "insufficient"
    assert found.support[0].score < 0.1


def test_a_sentence_without_citation_gets_its_best_passage() -> None:
    found = judged("Each night it burns paraffin, forty litres.")
    assert found.support[0].sources == (2,)
    assert found.verdict == "answered"


def test_an_unsupported_sentence_has_no_source() -> None:
    found = judged("Penguins live in Antarctica.")
    assert (found.support[0].sources, found.support[0].spans) == ((), ())
    assert found.verdict == "insufficient"


def test_a_wrong_number_is_not_carried() -> None:
    found = judged("The lamp burns 45 litres of paraffin each night [2].")
    assert found.support[0].score <= 0.2


def test_an_answer_that_is_carried_in_part_is_partial() -> None:
    text = "The keeper is called Marta Lindqvist [1]. Penguins live in Antarctica, eating krill."
    assert judged(text).verdict == "partial"


def test_words_are_compared_by_their_stems() -> None:
    assert judged("Lighthouse keepers are called Marta Lindqvist [1].").verdict == "answered"


def test_passages_carry_a_sentence_together() -> None:
    text = "Marta Lindqvist repairs the foghorn and the boat comes on Tuesdays [1][2]."
    (support,) = judged(text, KEEPER, BOAT).support
    assert support.score > 0.5
    assert [span.n for span in support.spans] == [1, 2]


def test_lead_ins_and_headings_are_not_judged() -> None:
    text = "# Keeper\n\nAccording to your documents:\nThe keeper is Marta Lindqvist [1]."
    assert [one.sentence for one in judged(text).support] == ["The keeper is Marta Lindqvist [1]."]


def test_an_answer_without_words_is_insufficient() -> None:
    assert judged("").verdict == "insufficient"
    assert grounding("Yes, penguins.", Grounder().carriers(())).verdict == "insufficient"
