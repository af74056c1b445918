import pytest

from trinax.models.extractive.asking import DATE, NAME, NUMBER, QUESTION_CHARACTERS, asked


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What does read_file do?", {"read_file"}),
        ("What does `os.path.join` do?", {"join"}),
        ("What does the function area return?", {"area"}),
        ("Who calls main()?", {"main"}),
        ("Where is the Store class defined?", {"Store"}),
        ("How does getUserName work?", {"getUserName"}),
        ("Which function reads a file?", set()),
        ("When did the oil crisis begin?", set()),
    ],
)
def test_names_of_code(question: str, names: set[str]) -> None:
    assert asked(question).names == names


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("How many steps are there?", (NUMBER,)),
        ("When was it?", (DATE,)),
        ("¿Quién lo dijo?", (NAME,)),
        ("Wann war das?", (DATE,)),
        ("多少？", (NUMBER,)),
        ("Why?", ()),
    ],
)
def test_what_an_answer_has(question: str, answers: tuple[object, ...]) -> None:
    assert asked(question).answers == answers


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Where is the port configured?", True),
        ("Which file sets the port?", True),
        ("¿En qué archivo está el puerto?", True),
        ("在哪里定义端口？", True),
        ("Where do whales live?", False),
        ("What is a port?", False),
    ],
)
def test_places_in_documents(question: str, place: bool) -> None:
    assert asked(question).place == place


def test_the_subject_of_what_is() -> None:
    assert asked("What is a ledger?").subject == "ledger"
    assert asked("How is a ledger?").subject == ""


def test_of_a_pasted_page_both_ends_are_read() -> None:
    one = asked("When " + "x " * 100_000 + "how many?")
    assert (one.date, one.number) == (True, True)
    assert len(one.text) <= QUESTION_CHARACTERS + 1
