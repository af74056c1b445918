import random

import pytest

from tests.answering.grounding.sources import bound, carriers
from trinax.answering.grounding.binding import AsWritten, Binder
from trinax.answering.grounding.filtering import CitationFilter, sentences

LAMP = "The lamp burns 40 litres of paraffin each night"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{LAMP} [2].", f"{LAMP} [2]."),
        (f"{LAMP}[2][7].", f"{LAMP}[2]."),
        (f"{LAMP} [passage 2].", f"{LAMP} [2]."),
        (f"{LAMP} 【2†guide.md】.", f"{LAMP} [2]."),
        (f"{LAMP} 【2:0†guide.md】.", f"{LAMP} [2]."),
        (f"{LAMP} [^2].", f"{LAMP} [2]."),
        (f"“{LAMP}.” [2]", f"“{LAMP}.” [2]"),
    ],
)
def test_a_right_citation_stays(written: str, shown: str) -> None:
    assert bound(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{LAMP} [1].", f"{LAMP} [2]."),
        (f"{LAMP} [1][3].", f"{LAMP} [2]."),
        (f"{LAMP} [9].", f"{LAMP}. [2]"),
        (f"{LAMP}. [1] The keeper is Marta Lindqvist [2].", None),
    ],
)
def test_a_wrong_citation_gives_way_to_the_right_one(written: str, shown: str | None) -> None:
    assert bound(written) == (shown or f"{LAMP}. [2] The keeper is Marta Lindqvist [1].")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Penguins live in Antarctica [1].", "Penguins live in Antarctica."),
        ("The lamp burns 45 litres of paraffin each night [2].", None),
        ("[1] Penguins live in Antarctica.", "Penguins live in Antarctica."),
        ("[9]", ""),
    ],
)
def test_what_nothing_carries_loses_its_citation(written: str, shown: str | None) -> None:
    assert bound(written) == (
        "The lamp burns 45 litres of paraffin each night." if shown is None else shown
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{LAMP}. Penguins swim.", f"{LAMP}. [2] Penguins swim."),
        (f"- {LAMP}\n- Penguins", f"- {LAMP} [2]\n- Penguins"),
        (f"1. {LAMP}.\n2. Penguins", f"1. {LAMP}. [2]\n2. Penguins"),
        (f"“{LAMP}. It is lit at dusk.” So.", f"“{LAMP}. It is lit at dusk.” [2] So."),
        (
            "| Lamp | burns paraffin |\n|--|--|\n| night | 40 litres |\n\nSo",
            "| Lamp | burns paraffin |\n|--|--|\n| night | 40 litres |\n\n[2]\n\nSo",
        ),
        (LAMP, f"{LAMP} [2]"),
    ],
)
def test_a_citation_that_lacks_is_added_at_the_end(written: str, shown: str) -> None:
    assert bound(written) == shown


def test_a_chinese_sentence_needs_no_blank_before_its_citation() -> None:
    text = "雾号由玛尔塔每年春天修理。"
    assert bound(f"{text}企鹅住在南极。", [text]) == f"{text}[1]企鹅住在南极。"


@pytest.mark.parametrize(
    "text",
    [
        f"# {LAMP}",
        f"{LAMP}:",
        f"**{LAMP}**",
        f"{LAMP}?",
        f"```\n{LAMP}. xs[2] = [9]\n```\nSo",
        f"`{LAMP}[9]`?",
        "See [the guide](a.md), a [note] and [x [y",
        "Two  spaces, a trailing ",
        "It is so.",
        "",
    ],
)
def test_what_states_nothing_is_left_as_it_is(text: str) -> None:
    assert bound(text) == text


def test_a_citation_below_a_block_belongs_to_it() -> None:
    text = f"So:\n```\n{LAMP}\n```\n[2]\n\nDone"
    assert bound(text) == text


def test_pieces_of_any_size_give_the_same_text() -> None:
    parts = [
        LAMP, ". ", " [2]", "[1]", "[9]", " ", "\n", "\n\n", "`", "```", "“", "”", "| ", "- ",
        "1. ", "。", "雾号", "The keeper is Marta Lindqvist", "[", "]", "【1†x】", "e.g. ", "? ",
        "# ", ": ", "…",
    ]  # fmt: skip
    rng = random.Random(3)
    for _ in range(60):
        text = "".join(rng.choices(parts, k=12))
        assert {bound(text, size=size) for size in (1, 2, 3, 7)} == {bound(text)}, text


def test_reading_what_was_bound_changes_nothing() -> None:
    once = bound(f"{LAMP}. The keeper is Marta Lindqvist [3]!\n\nPenguins swim [1].")
    reading = CitationFilter(AsWritten())
    assert reading.feed(once) + reading.flush() == once
    assert [one.numbers for one in sentences(once)] == [(2,), (1,), ()]


def test_text_is_held_only_from_a_bracket_or_a_blank() -> None:
    passing = CitationFilter(Binder(carriers()))
    pieces = [LAMP, " [", "2", "]", ".", " ", "So"]
    assert [passing.feed(piece) for piece in pieces] == [LAMP, "", "", "", " [2].", "", " So"]


@pytest.mark.parametrize(
    "text", [" " * 100_000, "[" * 100_000, "[1†" * 30_000, "a" * 100_000, "[9] x" * 20_000]
)
def test_hostile_texts_pass_in_linear_time(text: str) -> None:
    shown = bound(text)
    assert shown == (text if "[9]" not in text else shown)
    assert "[9]" not in shown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It is 3.5 m, e.g. tall. Yes.", ["It is 3.5 m, e.g. tall.", "Yes."]),
        ("One [1]. Two. [2][3] Three", ["One [1].", "Two. [2][3]", "Three"]),
        ("它是蓝色的。【1】天空。", ["它是蓝色的。[1]", "天空。"]),
        ("- One\n- Two\n\n3. Three", ["One", "Two", "Three"]),
        ("So:\n```py\na. b\n\nc\n```\n[1]", ["So:", "```py\na. b\n\nc\n```\n[1]"]),
        ("“One. Two.” [1] Three", ["“One. Two.” [1]", "Three"]),
        ("Sources:\n[1] guide.md\n[2] lamp.md", ["Sources:", "[1] guide.md", "[2] lamp.md"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_answers_are_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert [one.text for one in sentences(text)] == parts
