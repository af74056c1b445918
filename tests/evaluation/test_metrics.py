from math import isnan

import pytest

from trinax.evaluation.metrics import auroc, mean, ndcg, recall, reciprocal_rank

# The example of the Wikipedia article "Discounted cumulative gain": six documents graded
# 3, 2, 3, 0, 1, 2 in the order shown, two more relevant ones (3 and 2) not shown.
SHOWN = ["d1", "d2", "d3", "d4", "d5", "d6"]
GRADES = {"d1": 3, "d2": 2, "d3": 3, "d4": 0, "d5": 1, "d6": 2, "d7": 3, "d8": 2}


def test_ndcg_of_graded_documents_is_the_published_figure() -> None:
    assert ndcg(SHOWN, GRADES, k=6) == pytest.approx(0.785, abs=5e-4)


def test_ndcg_of_the_ideal_order_is_one() -> None:
    assert ndcg(["d1", "d3", "d7", "d2", "d6", "d8", "d5"], GRADES) == pytest.approx(1.0)


def test_ndcg_of_one_relevant_document_at_rank_three_is_a_half() -> None:
    assert ndcg(["x", "y", "a"], {"a": 1}) == pytest.approx(0.5)


def test_ndcg_stops_at_its_cutoff() -> None:
    assert ndcg([*"bcdefghijk", "a"], {"a": 1}, k=10) == 0.0


def test_ndcg_without_relevant_documents_is_zero() -> None:
    assert ndcg(["a"], {"a": 0}) == 0.0


def test_recall_is_the_share_of_relevant_documents_found() -> None:
    assert recall(["a", "x", "b", "c"], {"a": 1, "b": 2, "c": 1, "d": 1, "x": 0}, k=3) == 0.5


def test_reciprocal_rank_looks_at_the_first_relevant_document() -> None:
    assert reciprocal_rank(["x", "a", "b"], {"a": 1, "b": 1}) == 0.5


def test_reciprocal_rank_beyond_the_cutoff_is_zero() -> None:
    assert reciprocal_rank(["x", "a"], {"a": 1}, k=1) == 0.0


def test_auroc_counts_ordered_pairs_and_half_of_the_ties() -> None:
    # Pairs: .9>.1 .9>.5 .5>.1 are ordered, .5=.5 is tied: 3.5 of 4.
    assert auroc([0.9, 0.5], [0.1, 0.5]) == pytest.approx(0.875)


def test_auroc_of_one_empty_side_is_not_a_number() -> None:
    assert isnan(auroc([], [0.1]))


def test_mean_of_nothing_is_zero() -> None:
    assert mean([]) == 0.0
