from itertools import pairwise

import pytest

from trinax.documents.prose import (
    DOUBTFUL,
    ITEM,
    LINE,
    PARAGRAPH,
    SENTENCE,
    borders,
    sentence_starts,
)


def _sentences(text: str) -> list[str]:
    edges = [0, *sentence_starts(text), len(text)]
    return [text[start:end] for start, end in pairwise(edges) if end > start]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", " Two!", " Three?"]),
        ("He said “stop.” Then left.", ["He said “stop.”", " Then left."]),
        ("Use 3.14 or v1.2.3 here.", ["Use 3.14 or v1.2.3 here."]),
        ("See e.g. this. Dr. Smith et al. Agree.", ["See e.g. this.", " Dr. Smith et al. Agree."]),
        ("Wait... what? Yes.", ["Wait... what?", " Yes."]),
        ("これは本です。あれは？はい！", ["これは本です。", "あれは？", "はい！"]),
        ("她说：“好。”他走了。", ["她说：“好。”", "他走了。"]),
        ("First.\nSecond.", ["First.\n", "Second."]),
        ("no end", ["no end"]),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    assert _sentences(text) == expected


def test_paragraphs_cost_least_then_items_sentences_and_lines() -> None:
    text = "So be. It is\nso\n- item\n\nnew\n"
    assert borders(text) == {0: PARAGRAPH, 6: SENTENCE, 13: LINE, 16: ITEM, 24: PARAGRAPH}


def test_a_long_line_is_a_paragraph_of_its_own() -> None:
    long = f"{'so it is ' * 30}\n"
    assert borders(long + long)[len(long)] == ITEM


def test_what_may_be_a_sentence_is_a_place_to_cut_where_nothing_better_is() -> None:
    assert borders("all is small. so it is.") == {0: PARAGRAPH, 13: DOUBTFUL}
    assert borders("See Dr. Smith")[7] == DOUBTFUL


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["." * 300_000, ". " * 100_000, ".   " + " " * 300_000, ".'" * 99_999]
)
def test_punctuation_without_end_takes_no_time(text: str) -> None:
    borders(text)
