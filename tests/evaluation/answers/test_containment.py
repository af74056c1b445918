import pytest

from trinax.evaluation.answers.containment import first_quoted, holds, normalised


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It began in October 1973.", "october 1973"),
        ("It cost nearly $12 a barrel.", "$12"),
        ("A 12-year reign.", "12"),
        ("the Norman dynasty", "Norman"),
        ("She was born in an abbey.", "the abbey"),
        ("黑豹队的防守只丢了 308分，在联赛中排名第六。", "第六"),
        ("Es una ciudad pequeña.", "pequeña"),
        ("Up by 5 %.", "%"),
    ],
)
def test_an_answer_is_found_whatever_its_case_and_punctuation(text: str, answer: str) -> None:
    assert holds(text, ["something else", answer])


@pytest.mark.parametrize(
    ("text", "answer"),
    [("In 1957.", "5"), ("Normandy", "Norman"), ("", "x"), ("In 1957.", ""[:0] or "%")],
)
def test_a_part_of_a_word_is_no_answer(text: str, answer: str) -> None:
    assert not holds(text, [answer])


def test_without_answers_nothing_is_held() -> None:
    assert not holds("anything", [])


def test_articles_are_left_out() -> None:
    assert normalised("The owl, a bird – an OWL!") == "owl bird owl"


def test_the_first_sentence_of_the_first_quotation_counts() -> None:
    text = "From your documents:\n\n“Owls hunt. They hear well.” [1]\n\n“Swifts sleep.” [2]"
    first = first_quoted(text)
    assert first is not None
    assert first.strip() == "Owls hunt."


def test_quotation_marks_inside_a_quotation_do_not_end_it() -> None:
    assert first_quoted("“He said “no” and left” [1]") == "He said “no” and left"


def test_what_is_not_cited_is_no_quotation() -> None:
    assert first_quoted("They call it “art”.") is None


def test_a_hostile_text_is_read_in_no_time() -> None:
    assert first_quoted("“" * 100_000) is None
