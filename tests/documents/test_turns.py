import pytest

from tests.documents.documents import chunked
from trinax.documents import turns

STAMPED = [
    "[12:03] Anna: ",
    "[12:03:59] Ben Okri: ",
    "[2023-12-31 21:15] Anna: ",
    "[31.12.23, 21:15:07] Anna: ",
    "12/31/23, 9:15 PM - Anna: ",
    "12/31/23, 9:15\u202fPM - Ben: ",
    "12:03 <anna> ",
    "[12:03] <@ben> ",
    "12:03 * anna ",
    "<anna> ",
    "2024-01-02T12:03:04 worker: ",
]


@pytest.mark.parametrize("start", STAMPED)
def test_exported_chats_have_turns(start: str) -> None:
    lines = [f"{start}words number {n}\nand more" for n in range(8)]
    text = "\n".join(lines)
    found = turns.starts(text)
    assert [text[at:].startswith(start) for at in found] == [True] * 8


@pytest.mark.parametrize(
    ("one", "other"),
    [("User: ", "Assistant: "), ("**You:** ", "**ChatGPT:** "), ("Q: ", "A: "), ("Eva: ", "Li: ")],
)
def test_speakers_who_take_turns_make_a_conversation(one: str, other: str) -> None:
    text = "".join(f"{one}a question?\n\n{other}some words.\nMore.\n\n" for _ in range(4))
    assert len(turns.starts(text)) == 8


def test_roles_suffice_where_answers_are_long() -> None:
    text = f"User: a question?\n\nAssistant:\n{'A line of words.' * 3}\n" * 4
    assert len(turns.starts(text + "One more line.\n" * 60)) == 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain words, at 12:03 as well.\n" * 30,
        "".join(f"Term {chr(65 + n)}: what it means.\n" for n in range(20)),
        "Note: one thing.\n\nSome words that follow.\n" * 20,
        "https://a.example/x\nhttp://b.example/y\n" * 20,
        "Warning: this.\n" + "A line of words.\n" * 40 + "Note: that.\n" * 2 + "Warning: it.\n",
    ],
)
def test_other_texts_are_no_conversation(text: str) -> None:
    assert turns.starts(text) == []


def test_no_chunk_begins_inside_a_turn_that_fits() -> None:
    words = ["So it is. It was not. " * 12, "Yes! No? " * 3, "First.\n\nSecond.\n- third\n", "Ok. "]
    turns = [f"[12:{n:02}] {'Anna' if n % 3 else 'Ben'}: {words[n % 4]}" for n in range(60)]
    found = chunked("\n".join(turns), "chat.txt", limit=128)
    assert all(chunk.text.startswith("[12:") for chunk in found)
    assert len(found) > 10


def test_a_turn_that_does_not_fit_is_cut_at_its_sentences() -> None:
    text = "User: why?\n\nAssistant: " + "So it is. " * 90 + "\n\n"
    found = chunked(text * 4, "chat.txt", limit=128)
    assert all(chunk.text.startswith(("User:", "Assistant:", "So it is.")) for chunk in found)
