import pytest

from trinax.evaluation.comparison import compared, losses, means, pairs, rows
from trinax.evaluation.outcomes import Outcome, Run, Scores


def run(way: str, values: list[float], dataset: str = "birds") -> Run:
    outcomes = (
        Outcome(f"q{i}", f"question {i}", value, value, value, value, 1, "owl", 1.0)
        for i, value in enumerate(values)
    )
    return Run(dataset, way, tuple(outcomes))


BM25 = run("bm25", [0.5, 1.0, 0.5, 0.8])
HYBRID = run("hybrid", [1.0, 0.0, 0.5, 0.7])


def scores(dataset: str, mode: str, ndcg_10: float) -> Scores:
    return Scores(dataset, mode, 2, ndcg_10, 0.0, 0.0, 0.0, 1.0, 1.0)


def test_questions_are_counted_by_what_became_of_them() -> None:
    found = compared(HYBRID, BM25, "BM25")
    assert (found.better, found.worse, found.equal) == (1, 2, 1)
    assert found.reference == "BM25"
    assert found.gain == pytest.approx(2.2 / 2.8 - 1)
    assert 0.5 < found.p <= 1.0


def test_there_is_no_gain_over_nothing() -> None:
    assert compared(HYBRID, run("bm25", [0.0] * 4), "BM25").gain is None


def test_questions_are_paired_by_id() -> None:
    turned = Run("birds", "bm25", tuple(reversed(BM25.outcomes)))
    assert compared(HYBRID, turned, "BM25") == compared(HYBRID, BM25, "BM25")


def test_losses_come_worst_first() -> None:
    found = losses(HYBRID, BM25)
    assert [loss.here.query_id for loss in found] == ["q1", "q3"]
    assert (found[0].here.ndcg_10, found[0].there.ndcg_10) == (0.0, 1.0)
    assert len(losses(HYBRID, BM25, limit=1)) == 1


def test_each_run_is_compared_within_its_dataset() -> None:
    other = run("bm25", [1.0], "bread")
    found = pairs([BM25, HYBRID, other, run("hybrid", [0.5], "bread")])
    assert [pair[1] for pair in found] == [None, BM25, None, other]
    (_, nothing), (_, against), *_ = rows(found, "BM25")
    assert nothing is None
    assert against == compared(HYBRID, BM25, "BM25")


def test_every_dataset_counts_once_in_a_mean() -> None:
    found = means(
        "all",
        [
            scores("birds", "bm25", 0.4),
            scores("birds", "hybrid", 0.5),
            scores("bread", "bm25", 0.6),
            scores("bread", "hybrid", 0.55),
        ],
    )
    assert [(row.mode, row.datasets, row.better, row.worse) for row in found] == [
        ("bm25", 2, 0, 0),
        ("hybrid", 2, 1, 1),
    ]
    assert found[0].gain is None
    assert found[1].gain == pytest.approx(0.525 / 0.5 - 1)
