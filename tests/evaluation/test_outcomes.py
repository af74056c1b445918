import pytest

from trinax.evaluation.outcomes import Outcome, Question, Run, outcome, percentiles, scores

QUESTION = Question("q1", "Which bird?", {"owl": 2, "swift": 1, "trout": 0})


def test_an_outcome_tells_where_the_first_relevant_document_stood() -> None:
    found = outcome(QUESTION, ["trout", "swift", "owl"], 1.5)
    assert (found.first, found.best, found.mrr_10, found.recall_10) == (2, "trout", 0.5, 1.0)
    assert found.taken_ms == 1.5


def test_nothing_found_is_an_outcome() -> None:
    found = outcome(QUESTION, [], 1.0)
    assert (found.first, found.best, found.ndcg_10, found.recall_100) == (None, "", 0.0, 0.0)


def test_scores_are_means_over_the_outcomes() -> None:
    outcomes = tuple(
        Outcome(f"q{i}", "", value, value, value, value, 1, "owl", 10.0 * value)
        for i, value in enumerate((0.0, 0.5, 1.0))
    )
    found = scores(Run("birds", "bm25", outcomes))
    assert (found.dataset, found.mode, found.queries) == ("birds", "bm25", 3)
    assert (found.ndcg_10, found.recall_10, found.recall_100, found.mrr_10) == (0.5,) * 4
    assert (found.p50_ms, found.p95_ms) == (5.0, 9.5)


def test_scores_of_no_question_are_zero() -> None:
    assert scores(Run("birds", "bm25", ())).p95_ms == 0.0


def test_percentiles_lie_between_the_values() -> None:
    assert percentiles([1, 2, 3, 4], (25, 100)) == pytest.approx({25: 1.75, 100: 4})
