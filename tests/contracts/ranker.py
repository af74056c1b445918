"""What every ranker does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from trinax.models.ports import Ranker

QUERY = "when is the lamp lit"
TEXTS = ("the lamp is lit at dusk", "the keeper sleeps", "fog horn", "the lamp", "")
# Engines compute in half precision, and in other batches otherwise.
CLOSE = 2e-3


class RankerContract:
    """A subclass supplies the fixture `ranker`."""

    def test_each_text_has_a_score(self, ranker: Ranker) -> None:
        ranking = ranker.ranking(QUERY, TEXTS)
        assert len(ranking.scores) == len(TEXTS)
        assert all(0 <= score <= 1 for score in ranking.scores)
        assert ranking.cut == ()

    def test_scores_alone_are_those_of_the_ranking(self, ranker: Ranker) -> None:
        expected = ranker.ranking(QUERY, TEXTS).scores
        assert ranker.scores(QUERY, TEXTS) == pytest.approx(list(expected), abs=CLOSE)

    def test_scores_keep_the_order_of_the_texts(self, ranker: Ranker) -> None:
        forward, backward = ranker.scores(QUERY, TEXTS), ranker.scores(QUERY, TEXTS[::-1])
        assert backward[::-1] == pytest.approx(forward, abs=CLOSE)

    def test_the_same_text_has_the_same_score(self, ranker: Ranker) -> None:
        first, again = ranker.scores(QUERY, [TEXTS[0], TEXTS[0]])
        assert first == pytest.approx(again, abs=CLOSE)

    def test_any_thread_may_ask(self, ranker: Ranker) -> None:
        expected = ranker.scores(QUERY, TEXTS)
        with ThreadPoolExecutor(4) as threads:
            for found in threads.map(lambda _: ranker.scores(QUERY, TEXTS), range(8)):
                assert found == pytest.approx(expected, abs=CLOSE)

    def test_it_has_a_name(self, ranker: Ranker) -> None:
        assert ranker.id
