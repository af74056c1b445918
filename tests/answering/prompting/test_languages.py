import pytest

from trinax.answering.prompting.languages import NAMES, answer_in


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is the keeper?", "English"),
        ("¿Quién es el farero?", "Spanish"),
        ("Qui est le gardien du phare ?", "French"),
        ("Was ist das?", "German"),
        ("Кто смотритель маяка?", "Russian"),
        ("灯台守は誰ですか", "Japanese"),
        ("谁是灯塔看守", "Chinese"),
        ("등대지기는 누구입니까?", "Korean"),
        ("Ποιος είναι ο φύλακας;", "Greek"),
    ],
)
def test_a_question_is_answered_in_its_language(question: str, name: str) -> None:
    assert answer_in(question).startswith(f"Answer in {name}, ")


@pytest.mark.parametrize(
    "question",
    [
        "",
        "numpy reshape error",
        "Kto jest latarnikiem?",  # Polish, which is not told apart
        "نگهبان فانوس دریایی کیست؟",  # Persian in Arabic letters
        "Хто доглядач маяка і де він?",  # Ukrainian
    ],
)
def test_where_it_is_not_certain_nothing_is_said(question: str) -> None:
    assert answer_in(question) == ""


def test_every_name_is_said_once() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
