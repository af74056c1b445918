from collections.abc import Sequence

import numpy as np
import pytest

from tests.retrieval.conftest import Fill
from tests.retrieval.test_explain import explained
from trinax.embedding.static import StaticEmbedder
from trinax.index.registry import Registry
from trinax.retrieval.records import Found, Mode, Query
from trinax.retrieval.reranking import DENSE, NOTHING, RERANKED, WEIGHTS, Scored, second
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

QUESTION = "red fox hunts"
# BM25 sees the same words as often in texts of the same length.
TOGETHER = "At night the red fox hunts mice, which birds of the hill also like to eat in summer."
APART = "At night mice, which the fox of a hill likes to eat in summer, see red; a bird hunts too."


def texts(found: Found) -> list[str]:
    return [ranked.passage.chunk.text for ranked in found.ranked]


@pytest.fixture
def without(registry: Registry, embedder: StaticEmbedder) -> Retriever:
    return Retriever(registry, embedder, Retrieval(rerank=False))


def test_words_that_stand_together_come_first(fill: Fill, retriever: Retriever) -> None:
    fill("animals", {"a.md": [APART], "b.md": [TOGETHER]})
    assert texts(retriever.found(Query(QUESTION)))[0] == TOGETHER


def test_reranking_shares_out_the_fused_scores(
    fill: Fill, retriever: Retriever, without: Retriever
) -> None:
    fill("animals", {"a.md": [APART, "A red bird."], "b.md": [TOGETHER, "Mice."]})
    scores = [
        [one.score for one in each.found(Query(QUESTION)).ranked] for each in (retriever, without)
    ]
    assert scores[0] == scores[1]


def test_the_confidence_is_that_of_the_fused_ranking(
    fill: Fill, retriever: Retriever, without: Retriever
) -> None:
    fill("animals", {"a.md": [APART, "A red bird."], "b.md": [TOGETHER, "Mice."]})
    found = [each.found(Query(QUESTION)).confidence for each in (retriever, without)]
    assert found[0] == found[1]


def test_what_lies_below_keeps_its_place(
    fill: Fill, retriever: Retriever, without: Retriever
) -> None:
    fill("animals", {f"{i}.md": [f"fox {'and more ' * i}"] for i in range(RERANKED + 5)})
    query = Query(QUESTION, limit=100)
    after, before = texts(retriever.found(query)), texts(without.found(query))
    assert sorted(after[:RERANKED]) == sorted(before[:RERANKED])
    assert after[RERANKED:] == before[RERANKED:]


@pytest.mark.parametrize("mode", ["bm25", "dense"])
def test_one_side_alone_is_left_as_it_is(
    fill: Fill, retriever: Retriever, without: Retriever, mode: Mode
) -> None:
    fill("animals", {"a.md": [APART, "A red bird."], "b.md": [TOGETHER, "Mice."]})
    query = Query(QUESTION, mode=mode)
    assert retriever.found(query).ranked == without.found(query).ranked


def test_what_the_second_stage_added_is_explained(handbook: Retriever) -> None:
    found = handbook.found(Query("How do I add a GGUF model?", limit=3, explain=True))
    explanations = [explained(ranked) for ranked in found.ranked]
    assert [one.reranked.rank for one in explanations] == [1, 2, 3]
    best = explanations[0]
    assert best.features.keys() == WEIGHTS.keys()
    assert best.fused.score is not None
    total = 1.5 * best.fused.score + sum(best.features.values())
    assert best.reranked.score == pytest.approx(total, abs=0.005)


def test_without_the_second_stage_nothing_of_it_is_explained(
    handbook_registry: Registry, embedder: StaticEmbedder
) -> None:
    plain = Retriever(handbook_registry, embedder, Retrieval(rerank=False))
    best = explained(plain.found(Query("GGUF", explain=True)).ranked[0])
    assert best.features == {}
    assert best.reranked.rank is None


class Other(StaticEmbedder):
    """An embedder that the weights were not fitted with."""

    @property
    def id(self) -> str:
        return "another"


def names(retriever: Retriever) -> Sequence[str]:
    return list(explained(retriever.found(Query("GGUF", explain=True)).ranked[0]).features)


def test_another_embedders_vectors_are_not_looked_at(handbook_registry: Registry) -> None:
    retriever = Retriever(handbook_registry, Other(), Retrieval())
    assert names(retriever) == [name for name in WEIGHTS if name not in DENSE]


def test_equal_candidates_keep_their_order(handbook: Retriever) -> None:
    passages = [one.passage for one in handbook.found(Query("GGUF", limit=3)).ranked]
    scored = Scored(passages, np.ones(3))
    assert list(second(scored, {"pairs": np.zeros(3)}).order) == [0, 1, 2]
    assert list(second(scored, {"pairs": np.array([0.0, 1.0, 0.0])}).order) == [1, 0, 2]


def test_nothing_found_is_nothing_to_rerank(handbook: Retriever) -> None:
    assert list(NOTHING.order) == []
    assert handbook.found(Query(" ")).ranked == ()
