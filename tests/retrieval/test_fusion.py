import pytest

from trinax.retrieval.fusion import rrf, weighted


def test_rrf_adds_reciprocal_ranks_counted_from_one() -> None:
    fused = rrf([["a", "b"], ["b", "c"]])
    assert [chunk_id for chunk_id, _ in fused] == ["b", "a", "c"]
    assert dict(fused) == pytest.approx({"b": 1 / 62 + 1 / 61, "a": 1 / 61, "c": 1 / 62})


def test_rrf_breaks_ties_by_chunk_id() -> None:
    assert [chunk_id for chunk_id, _ in rrf([["b"], ["a"]])] == ["a", "b"]


def test_rrf_takes_its_damping_constant() -> None:
    assert rrf([["a"]], k=0) == [("a", 1.0)]


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_rrf_of_nothing_is_nothing(rankings: list[list[str]]) -> None:
    assert rrf(rankings) == []


def test_weighted_adds_half_the_cosine_to_bm25_over_its_best() -> None:
    fused = weighted({"a": 8.0, "b": 4.0}, {"a": 0.2, "b": 0.9, "c": 0.6}, 0.5)
    assert [chunk_id for chunk_id, _ in fused] == ["a", "b", "c"]
    assert dict(fused) == pytest.approx({"a": 1.10 / 1.5, "b": 0.95 / 1.5, "c": 0.30 / 1.5})


def test_weighted_follows_the_dense_side_when_it_weighs_enough() -> None:
    fused = weighted({"a": 8.0, "b": 7.0}, {"a": 0.1, "b": 0.9}, 1.0)
    assert [chunk_id for chunk_id, _ in fused] == ["b", "a"]


def test_weighted_gives_the_floor_to_what_a_cut_off_list_lacks() -> None:
    fused = weighted({"a": 8.0, "b": 4.0}, {"a": 0.2, "b": 0.1, "c": 0.6}, 0.5, floor=4.0)
    assert [chunk_id for chunk_id, _ in fused] == ["a", "c", "b"]
    assert dict(fused) == pytest.approx({"a": 1.10 / 1.5, "c": 0.80 / 1.5, "b": 0.55 / 1.5})


def test_weighted_without_bm25_is_the_cosine() -> None:
    assert weighted({}, {"a": 0.25, "b": 0.75}, 0.5) == [("b", 0.75), ("a", 0.25)]


def test_weighted_without_dense_is_bm25_over_its_best() -> None:
    assert weighted({"a": 3.0, "b": 12.0}, {}, 0.5) == [("b", 1.0), ("a", 0.25)]


def test_weighted_counts_a_negative_cosine_as_nothing() -> None:
    assert weighted({"a": 2.0}, {"a": -0.4}, 1.0) == [("a", 0.5)]


def test_weighted_breaks_ties_by_chunk_id() -> None:
    assert [chunk_id for chunk_id, _ in weighted({"b": 1.0, "a": 1.0}, {}, 0.5)] == ["a", "b"]


def test_weighted_of_nothing_is_nothing() -> None:
    assert weighted({}, {}, 0.5) == []
