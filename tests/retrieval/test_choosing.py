import pytest

from trinax.retrieval.choosing import chosen, corrected

FERRIES = "Compare the ferries to Brandsey and Lornay."
MUSEUMS = "I see the Glass Museum and then the Clock Museum."
OFFICES = "Sick leave in Hamburg, Valencia and Denver?"
NOVELS = "Which books did she write, The Salt Road and The Iron Road?"


@pytest.mark.parametrize(
    ("question", "turn", "kept", "gone"),
    [
        ("Does the first one take cars?", FERRIES, "Brandsey", "Lornay"),
        ("How much is the latter?", MUSEUMS, "Clock", "Glass"),
        ("And the second city?", OFFICES, "Valencia", "Denver"),
        ("Was the second a film?", NOVELS, "Iron", "Salt"),
        ("Was kostet der zweite?", "Vergleiche Reisepass und Ausweis.", "Ausweis", "Reisepass"),
        ("¿Y el primero?", "¿Qué cuestan Tern Home y Tern Team?", "Home", "Team"),
    ],
)
def test_what_is_meant_by_its_place_is_kept(question: str, turn: str, kept: str, gone: str) -> None:
    left = chosen(question, turn)
    assert left is not None
    assert kept in left
    assert gone not in left


@pytest.mark.parametrize(
    ("question", "turn"),
    [
        ("What is a first edition?", "Are there novels and poems?"),
        ("And the third one?", "Are there novels and poems?"),
        ("Who was the first keeper?", "When was the tower built?"),
        ("And poems?", "Are there novels and letters?"),
    ],
)
def test_nothing_is_chosen_where_nothing_is_listed_or_meant(question: str, turn: str) -> None:
    assert chosen(question, turn) is None


@pytest.mark.parametrize(
    ("newest", "wrong"),
    [
        ("Sorry, not Brandsey but Lornay.", "Brandsey"),
        ("I said Brandsey, but I mean Lornay.", "Brandsey"),
        ("Nicht Brandsey, sondern Lornay.", "Brandsey"),
        ("No Brandsey, sino Lornay.", "Brandsey"),
    ],
)
def test_what_is_set_aside_is_gone_from_all_turns(newest: str, wrong: str) -> None:
    turns = corrected([newest, "Where can I sleep on Brandsey?"])
    assert not any(wrong in turn for turn in turns)
    assert "sleep" in turns[1]


def test_a_denial_sets_nothing_aside() -> None:
    turns = ["Which birds do not sing?", "Do birds sing?"]
    assert corrected(turns) == turns


def test_hostile_turns_take_no_time() -> None:
    chosen("the first " * 20_000, "a, " * 20_000)
    corrected(["not a, " * 20_000, "a " * 20_000])
