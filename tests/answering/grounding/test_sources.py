from tests.answering.passages import passage
from trinax.answering.grounding.sources import snippet, sources
from trinax.retrieval.records import Ranked

FILLER = "Nothing of note happened on this day in the harbour town. "


def test_sources_are_numbered_from_one_in_order() -> None:
    found = sources([Ranked(passage("a"), 0.9), Ranked(passage("b"), 0.4)])
    assert [(source.n, source.passage.chunk.text) for source in found] == [(1, "a"), (2, "b")]


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("One\n\n  two", "two") == "One two"


def test_a_snippet_shows_where_the_words_of_the_question_stand() -> None:
    text = FILLER * 10 + "The foghorn was repaired by Marta." + FILLER * 10
    shown = snippet(text, "Who repaired the foghorn?", "en")
    assert "foghorn was repaired" in shown
    assert len(shown) <= 280
    assert shown.startswith("…")
    assert shown.endswith("…")


def test_words_that_stand_together_win() -> None:
    text = "A foghorn. " + FILLER * 10 + "The foghorn was repaired." + FILLER * 10
    assert "foghorn was repaired" in snippet(text, "repaired foghorn", "en")


def test_without_a_match_the_beginning_is_shown() -> None:
    assert snippet(FILLER * 20, "zebra", "en").startswith("Nothing of note")


def test_chinese_is_cut_where_it_matches() -> None:
    text = (
        "港口今天没有什么事情发生。" * 40 + "雾号由玛尔塔修理。" + "港口今天没有什么事情发生。" * 40
    )
    shown = snippet(text, "雾号由谁修理？", "zh")
    assert "雾号由玛尔塔修理" in shown
    assert len(shown) <= 280


def test_one_endless_word_is_cut() -> None:
    assert len(snippet("a" * 5000, "a")) <= 280
