import pytest

from tests.retrieval.conftest import Fill
from tests.retrieval.test_explain import explained
from trinax.retrieval.quoting import phrases, shares
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('Who said "To be, or not"?', ["to be, or not"]),
        ("Who said \u201cto be\u201d and \u201enicht sein\u201c?", ["to be", "nicht sein"]),
        ("\u00ab ser o no \u00bb", ["ser o no"]),
        ("\u300c中文\u300d是什么", ["中文"]),
        ('"Twice" is "twice"', ["twice"]),
        ("It's what it isn't", []),
        ('a 3" pipe', []),
        ('"  "', []),
        ('"one\nline"', []),
    ],
)
def test_phrases_stand_in_quotation_marks(question: str, found: list[str]) -> None:
    assert phrases(question) == found


def test_white_space_and_case_are_no_difference() -> None:
    assert shares(["to be", "or not"], ["TO\n  be", "to be or not", "to bee"]) == [0.5, 1.0, 0.5]


def test_a_quoted_phrase_comes_before_its_words(fill: Fill, retriever: Retriever) -> None:
    exact = "Some people never are what they are to be, or so they say of mice and of owls."
    words = "To be what they are or are to say, people say of what mice so are, never owls."
    fill("plays", {"a.md": [exact], "b.md": [words], "c.md": ["Mice and owls."]})
    found = retriever.found(Query('"they are to be"', explain=True))
    assert found.ranked[0].passage.chunk.text == exact
    assert explained(found.ranked[0]).features["quoted"] == 1.0


def test_a_question_that_quotes_nothing_has_no_such_feature(handbook: Retriever) -> None:
    found = handbook.found(Query("How do I add a GGUF model?", explain=True))
    assert "quoted" not in explained(found.ranked[0]).features
