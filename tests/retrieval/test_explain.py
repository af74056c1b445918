import pytest

from tests.retrieval.conftest import Fill
from trinax.retrieval.records import Explanation, Found, Query, Ranked, Stage
from trinax.retrieval.retriever import Retriever


def explained(ranked: Ranked) -> Explanation:
    assert ranked.explanation is not None
    return ranked.explanation


@pytest.fixture
def found(handbook: Retriever) -> Found:
    return handbook.found(Query("How do I add a GGUF model?", limit=2, explain=True))


async def test_nothing_is_explained_unasked(handbook: Retriever) -> None:
    found = await handbook.search(Query("GGUF", limit=1))
    assert found.ranked[0].explanation is None
    assert found.dropped == ()


def test_the_best_hit_stands_first_in_each_stage(found: Found) -> None:
    best = explained(found.ranked[0])
    assert (best.bm25.rank, best.dense.rank, best.fused.rank) == (1, 1, 1)


def test_the_fused_score_follows_from_the_two_sides(found: Found) -> None:
    best = explained(found.ranked[0])
    assert best.weights == {"bm25": 1.0, "dense": 0.5}
    assert best.dense.score is not None
    assert best.fused.score == pytest.approx((1.0 + 0.5 * best.dense.score) / 1.5)
    assert best.fused.score == found.ranked[0].score


def test_the_words_that_matched_are_listed(found: Found) -> None:
    assert {"GGUF", "model"} <= set(explained(found.ranked[0]).matched)


def test_what_is_on_the_page_was_not_dropped(found: Found) -> None:
    assert {explained(ranked).dropped for ranked in found.ranked} == {""}


def test_the_rest_fell_below_the_page_in_order(found: Found) -> None:
    assert {explained(ranked).dropped for ranked in found.dropped} == {"below the page"}
    assert [explained(ranked).reranked.rank for ranked in found.dropped] == list(range(3, 11))


async def test_a_second_page_names_the_first_as_earlier(handbook: Retriever) -> None:
    found = await handbook.search(Query("trinax", limit=2, offset=2, explain=True))
    reasons = [explained(ranked).dropped for ranked in found.dropped[:3]]
    assert reasons == ["on an earlier page", "on an earlier page", "below the page"]


async def test_a_duplicate_names_what_it_repeats(fill: Fill, retriever: Retriever) -> None:
    fill("notes", {"a.md": ["An owl."], "b.md": ["An  owl."]})
    found = await retriever.search(Query("owl", explain=True))
    kept, dropped = found.ranked[0].passage, found.dropped[0]
    assert explained(dropped).dropped == f"duplicate of {kept.file}, lines 1-1"
    assert explained(found.ranked[0]).copies == (f"{dropped.passage.file}, lines 1-1",)


async def test_a_side_that_was_not_asked_has_no_rank(handbook: Retriever) -> None:
    found = await handbook.search(Query("GGUF", mode="bm25", explain=True))
    best = explained(found.ranked[0])
    assert best.dense == Stage(None, None)
    assert best.weights == {"bm25": 1.0}
