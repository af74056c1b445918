from trinax.documents.records import Chunk
from trinax.index.records import Passage
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Found, Ranked


def ranked(text: str, score: float) -> Ranked:
    chunk = Chunk(text, text, "", 0, 1, 1, 1, None, 1)
    return Ranked(Passage("web", "a", 0, chunk, "text", "en", 1, 0.0), score)


def found(confidence: float, **scores: float) -> Found:
    return Found(tuple(ranked(text, score) for text, score in scores.items()), confidence)


def texts(found: Found) -> list[str]:
    return [each.passage.chunk.text for each in found.ranked]


def test_searches_that_know_are_shown_together_best_first() -> None:
    both = merged([found(0.9, a=1.0, b=0.5), found(0.8, c=0.9, d=0.2)], 10, 0.5)
    assert texts(both) == ["a", "c", "b", "d"]
    assert both.confidence == 0.9


def test_a_surer_search_goes_first() -> None:
    assert texts(merged([found(0.6, a=1.0), found(0.9, b=0.8)], 10, 0.5)) == ["b", "a"]


def test_a_search_that_does_not_know_is_left_out() -> None:
    both = merged([found(0.4, a=1.0), found(0.9, b=0.1)], 10, 0.5)
    assert (texts(both), both.confidence) == (["b"], 0.9)


def test_where_none_knows_the_doubt_stays() -> None:
    both = merged([found(0.1, a=1.0), found(0.4, b=0.1)], 10, 0.5)
    assert (texts(both), both.confidence) == (["b"], 0.4)


def test_there_are_no_more_than_asked_for() -> None:
    assert texts(merged([found(0.9, a=1.0, b=0.5), found(0.9, c=0.9)], 2, 0.5)) == ["a", "c"]


def test_the_same_text_comes_once() -> None:
    twice = [Found((ranked("a  b", 0.7),), 0.9), Found((ranked("a b", 0.8),), 0.9)]
    assert texts(merged(twice, 10, 0.5)) == ["a b"]


def test_one_search_keeps_its_order() -> None:
    assert texts(merged([found(0.7, a=0.9, b=0.3)], 10, 0.5)) == ["a", "b"]
