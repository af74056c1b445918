from itertools import permutations

import pytest

from trinax.documents.chunking import Limits, chunks
from trinax.documents.reading import document
from trinax.index.records import Passage
from trinax.retrieval.neighbours import LIMIT_TOKENS, joined
from trinax.retrieval.records import Ranked

NOTES = "".join(
    f"# Owl {number}\n\nThis owl sleeps on beam {number}\nof the barn. It wakes at dusk.\n\n"
    for number in range(60)
)


def ranked(
    text: str, file: str = "owls.md", limit_tokens: int = 32, overlap: int = 0
) -> list[Ranked]:
    read = document(text.encode(), file)
    return [
        Ranked(Passage("c", file, place, chunk, read.kind, "en", len(text), 0.0), 1 - place / 100)
        for place, chunk in enumerate(chunks(read, "c", Limits(limit_tokens, overlap)))
    ]


def bytes_of(text: str, one: Ranked) -> str:
    chunk = one.passage.chunk
    return text.encode()[chunk.start_byte : chunk.end_byte].decode()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("owls.md", NOTES),
        ("owls.md", NOTES.replace("\n", "\r\n")),
        ("owls.txt", "An owl flew by, älter als der Turm. " * 60),
        ("owls.py", "\n\n\n".join(f"def owl_{n}():\n    return beam({n}, 'é')" for n in range(40))),
    ],
    ids=["markdown", "windows", "one line", "code"],
)
def test_neighbours_are_the_bytes_of_their_file(file: str, text: str) -> None:
    found = joined(ranked(text, file)[3:9])
    assert len(found) == 1
    assert found[0].passage.chunk.text == bytes_of(text, found[0])


def test_overlaps_are_told_once() -> None:
    text = "An owl flew by at dusk. " * 80
    found = joined(ranked(text, "owls.txt", 32, overlap=12)[:4])
    assert [one.passage.chunk.text for one in found] == [bytes_of(text, found[0])]


def test_one_passage_has_place_score_and_id_of_the_best_and_the_ids_of_all() -> None:
    pieces = ranked(NOTES)
    lone, best, other = pieces[20], pieces[6], pieces[5]
    first, second = joined([lone, best, other])
    assert first == lone
    assert second.score == best.score
    assert second.passage.chunk.id == best.passage.chunk.id
    assert second.parts == (other.passage.chunk.id, best.passage.chunk.id)
    assert second.passage.ordinal == 5
    lines = (second.passage.chunk.start_line, second.passage.chunk.end_line)
    assert lines == (other.passage.chunk.start_line, best.passage.chunk.end_line)


def test_the_order_found_does_not_matter_to_the_text() -> None:
    pieces = ranked(NOTES)[2:5]
    texts = {joined(order)[0].passage.chunk.text for order in permutations(pieces)}
    assert len(texts) == 1


def test_other_files_and_gaps_stay_apart() -> None:
    here, there = ranked(NOTES), ranked(NOTES, "others.md")
    assert len(joined([here[0], there[1], here[2]])) == 3


def test_together_they_are_within_the_limit() -> None:
    found = joined(ranked(NOTES))
    assert len(found) > 1
    assert max(one.passage.chunk.tokens for one in found) <= LIMIT_TOKENS
    assert sum(len(one.parts) or 1 for one in found) == len(ranked(NOTES))


@pytest.mark.parametrize("blanks", ["  \n", "\t", "\r", "\n\t\n", " \u2003 "])
def test_blanks_that_cannot_be_told_are_not_made_up(blanks: str) -> None:
    text = blanks.join(f"The owl of tower {number} sleeps by day." for number in range(40))
    for one in joined(ranked(text, "owls.txt")):
        assert one.passage.chunk.text == bytes_of(text, one)
