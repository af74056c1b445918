from trinax.embedding.static import StaticEmbedder
from trinax.retrieval.relevance import relevance

LAMP = "The lamp of the lighthouse burns forty litres of paraffin each night."
KEEPER = "The keeper of the lighthouse is called Marta Lindqvist."
SOUP = "Boil the beetroot for an hour, then add sour cream."
ASKED = "Who is the keeper of the lighthouse?"


def scores(query: str, *texts: str) -> list[float]:
    return relevance(query, texts, StaticEmbedder())


def test_what_answers_stands_above_what_shares_words_above_the_rest() -> None:
    soup, lamp, keeper = scores(ASKED, SOUP, LAMP, KEEPER)
    assert 1 >= keeper > lamp > soup >= 0


def test_meaning_counts_where_no_word_is_shared() -> None:
    soup, lamp = scores("illumination fuel", SOUP, LAMP)
    assert lamp > soup


def test_scores_of_different_queries_can_be_compared() -> None:
    (answering, *_), (best, *_) = scores(ASKED, KEEPER, SOUP), scores(ASKED, SOUP, SOUP)
    assert answering > 0.5 > best


def test_the_same_text_gets_the_same_score() -> None:
    first, again = scores(ASKED, KEEPER, KEEPER)
    assert first == again


def test_there_may_be_nothing_to_compare() -> None:
    assert scores("", KEEPER) == [0.0]
    assert scores(ASKED, "") == [0.0]
    assert scores("?!", KEEPER, "") == [0.0, 0.0]
