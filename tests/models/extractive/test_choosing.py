from tests.models.passages import passage
from trinax.index.records import Passage
from trinax.models.extractive.asking import asked
from trinax.models.extractive.choosing import QUOTES_LIMIT, quotes
from trinax.models.extractive.features import material
from trinax.models.extractive.support import supported

STEPS = "To start the server, do this:\n\n1. open a shell\n2. type make\n3. wait\n\nIt is fast.\n"


def chosen(question: str, *passages: Passage) -> list[tuple[int, list[str], tuple[int, ...]]]:
    one = asked(question)
    return [
        (quote.n, [each.excerpt.text for each in quote.group], quote.also)
        for quote in quotes(one, supported(one, material(passages)))
    ]


def test_nothing_is_chosen_of_nothing() -> None:
    assert chosen("why?", passage("")) == []


def test_the_same_sentence_of_two_documents_is_one_quote() -> None:
    one = passage("The oil crisis began in October 1973.")
    other = passage("Cars got smaller. The oil crisis began in October 1973!")
    assert chosen("When did the oil crisis begin?", one, other)[0] == (
        1,
        ["The oil crisis began in October 1973."],
        (2,),
    )


def test_a_sentence_with_another_number_is_another_quote() -> None:
    one = passage("The oil crisis began in October 1973.")
    other = passage("The oil crisis began in October 1974.")
    assert [n for n, _, _ in chosen("When did the oil crisis begin?", one, other)] == [1, 2]


def test_a_sentence_that_adds_little_is_left_out() -> None:
    one = passage("The great oil crisis began in the month of October in the year 1973.")
    other = passage("Well, the oil crisis began in October in the year 1973.")
    assert [n for n, _, _ in chosen("When did the oil crisis begin?", one, other)] == [1]


def test_a_scrap_is_not_quoted_beside_a_sentence() -> None:
    page = passage("Crisis\n\nThe oil crisis began in October 1973.")
    assert [texts for _, texts, _ in chosen("When did the crisis begin?", page)] == [
        ["The oil crisis began in October 1973."]
    ]
    assert chosen("Crisis", passage("Crisis"))[0][1] == ["Crisis"]


def test_the_best_sentence_comes_first_although_its_neighbour_stands_before_it() -> None:
    text = "The tower was planned by the town. The tower was built in 1889."
    [(_, first, _), *_] = chosen("When was the tower built?", passage(text))
    assert first[0] == "The tower was built in 1889."


def test_with_a_sentence_that_points_back_comes_the_one_before_it() -> None:
    text = "Gauss worked in Göttingen on numbers. He was born in Brunswick in 1777."
    found = chosen("When was Gauss born?", passage(text))
    assert [group for _, group, _ in found] == [
        ["He was born in Brunswick in 1777."],
        ["Gauss worked in Göttingen on numbers."],
    ]


def test_steps_come_whole_and_in_order_with_their_introduction() -> None:
    [(_, first, _), *_] = chosen("How do I start the server?", passage(STEPS, "markdown"))
    assert first == [
        "To start the server, do this:",
        "1. open a shell",
        "2. type make",
        "3. wait",
    ]


def test_only_so_many_are_chosen() -> None:
    texts = [f"The tower number {i} was built by builder {i}{i} in town {i}." for i in range(9)]
    assert len(chosen("Who built the tower?", *map(passage, texts))) == QUOTES_LIMIT
