import pytest

from trinax.retrieval.records import Query, Ranked
from trinax.retrieval.retriever import Retriever


def matched(ranked: Ranked) -> dict[str, float]:
    assert ranked.explanation is not None
    return dict(ranked.explanation.matched)


@pytest.mark.parametrize(
    "question",
    [
        "How do I add a GGUF model?",
        "parse_retry_after seconds",
        "¿Cómo se hacen las copias de seguridad?",
        "trinax models list",
    ],
)
def test_the_words_add_up_to_the_score(handbook: Retriever, question: str) -> None:
    found = handbook.found(Query(question, explain=True))
    for each in (*found.ranked, *found.dropped):
        assert each.explanation is not None
        expected = each.explanation.bm25.score or 0.0
        assert sum(matched(each).values()) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_words_are_told_as_they_were_asked(handbook: Retriever) -> None:
    asked = "Which DEFAULT Keys does Creating a parse_retry_after need?"
    found = handbook.found(Query(asked, explain=True))
    words = {word for each in found.ranked for word in matched(each)}
    assert {"Keys", "Creating", "parse_retry_after"} <= words
    assert "DEFAULT" not in words


def test_the_weightiest_word_comes_first(handbook: Retriever) -> None:
    shares = matched(handbook.found(Query("GGUF model trinax", explain=True)).ranked[0])
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert shares["GGUF"] > shares["trinax"]


def test_words_of_earlier_turns_count_as_they_are_searched_for(handbook: Retriever) -> None:
    query = Query("and on Windows?", history=("How do I install trinax?",), explain=True)
    best = handbook.found(query).ranked[0]
    assert {"Windows", "install", "trinax"} <= matched(best).keys()
    assert best.explanation is not None
    assert sum(matched(best).values()) == pytest.approx(best.explanation.bm25.score, rel=1e-3)
