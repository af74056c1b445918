import pytest

from tests.answering.grounding.sources import TEXTS, carriers, numbered
from trinax.answering.grounding.binding import Binder, Existing
from trinax.answering.grounding.filtering import CitationFilter, sentences
from trinax.answering.grounding.support import quoted
from trinax.embedding.static import StaticEmbedder
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.ports import Generation, Message, Piece


def test_several_passages_stay_where_each_carries_the_clause() -> None:
    same = [TEXTS[0], TEXTS[0], TEXTS[1]]
    assert Binder(carriers(same)).kept("The keeper is Marta Lindqvist", [2, 1, 3]) == (2, 1)


def test_a_clause_of_stop_words_keeps_what_exists() -> None:
    assert Binder(carriers()).kept("It is so", [2, 9]) == (2,)


def test_the_first_of_equal_passages_is_added() -> None:
    same = [TEXTS[1], TEXTS[0], TEXTS[0]]
    assert Binder(carriers(same)).added("The keeper is Marta Lindqvist.") == 2


@pytest.mark.parametrize("question", ["Who is the keeper?", "When does the boat come?", "Lamp?"])
async def test_quotations_keep_their_citations_and_are_found_in_their_source(question: str) -> None:
    found = numbered()
    passages = tuple(source.passage for source in found)
    asked = Generation((Message("user", question),), question, passages, confidence=0.9)
    model = ExtractiveGenerator(StaticEmbedder())
    events = [event async for event in model.generate(asked)]
    text = "".join(event.text for event in events if isinstance(event, Piece))
    passing = CitationFilter(Existing({1, 2, 3}))
    assert passing.feed(text) + passing.flush() == text
    judged = quoted(text, carriers())
    assert judged.verdict == "answered"
    for support in judged.support:
        for span in support.spans:
            assert (
                TEXTS[span.n - 1].encode()[span.start_byte : span.end_byte].decode() == span.quote
            )
            assert span.quote in support.sentence


def test_quotations_within_quotations_stay_whole() -> None:
    text = "“She said “Yes. No.” to it. And so on.” [1] Next."
    assert [one.numbers for one in sentences(text)] == [(1,), ()]
