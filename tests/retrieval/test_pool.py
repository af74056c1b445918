from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.retrieval.conftest import HANDBOOK, Fill, entry
from trinax.embedding.static import StaticEmbedder
from trinax.index.ports import Searchable, Store
from trinax.index.records import Candidates, Filter, Frequencies, Passage, Terms
from trinax.index.registry import Registry
from trinax.retrieval.ephemeral import Shelf
from trinax.retrieval.pool import FAIR_SHARES, LEAST_ASKED, Wanted, collapse, gather
from trinax.retrieval.question import question

Fetch = Callable[[Sequence[str]], Mapping[str, Passage]]


@pytest.fixture
def stores(registry: Registry, fill: Fill) -> list[Store]:
    names = sorted(HANDBOOK)
    fill("first", {name: HANDBOOK[name] for name in names[::2]})
    fill("second", {name: HANDBOOK[name] for name in names[1::2]})
    return [store for _, store in registry.select()]


def wanted(embedder: StaticEmbedder, text: str, limit: int) -> Wanted:
    asked = question([(text, 1.0)], embedder)
    return Wanted(asked.vector, asked.terms, limit)


def test_each_side_is_limited_over_all_stores(
    stores: list[Store], embedder: StaticEmbedder
) -> None:
    pool = gather(stores, wanted(embedder, "How do I install trinax on Windows?", 3))
    assert len(pool.bm25) == pool.listed == 3


def test_each_side_is_best_first_over_all_stores(
    stores: list[Store], embedder: StaticEmbedder
) -> None:
    pool = gather(stores, wanted(embedder, "How do I install trinax on Windows?", 5))
    assert list(pool.bm25.values()) == sorted(pool.bm25.values(), reverse=True)
    listed = list(pool.dense.values())[: pool.listed]
    assert listed == sorted(listed, reverse=True)


def test_bm25_candidates_have_their_true_cosine(
    stores: list[Store], embedder: StaticEmbedder
) -> None:
    text = "Which key is refused on Windows, Linux and macOS by trinax?"
    few, all_of_them = (gather(stores, wanted(embedder, text, limit)) for limit in (2, 50))
    assert set(few.bm25) <= set(few.dense)
    for chunk_id in few.bm25:
        assert few.dense[chunk_id] == pytest.approx(all_of_them.dense[chunk_id], abs=1e-4)


def test_a_list_that_was_cut_off_has_a_floor(stores: list[Store], embedder: StaticEmbedder) -> None:
    cut = gather(stores, wanted(embedder, "trinax", 2))
    whole = gather(stores, wanted(embedder, "trinax", 50))
    assert cut.floor == min(cut.bm25.values())
    assert whole.floor == 0.0


def test_passages_come_from_their_stores_in_the_order_asked(
    stores: list[Store], embedder: StaticEmbedder
) -> None:
    pool = gather(stores, wanted(embedder, "trinax", 50))
    asked = list(pool.bm25)[::-1]
    assert list(pool.passages(asked)) == asked


class Counting:
    """A store that counts what it gives."""

    def __init__(self, inner: Searchable) -> None:
        self._inner = inner
        self.given: list[int] = []

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        found = self._inner.candidates(vector, terms, limit, filter)
        self.given.append(len(found.dense) + len(found.bm25))
        return found

    def best(self, questions: Sequence[Terms]) -> list[float]:
        return self._inner.best(questions)

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        return self._inner.frequencies(terms)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return self._inner.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        return self._inner.scores(vector, chunk_ids)


def many(embedder: StaticEmbedder, texts: Sequence[Sequence[str]]) -> list[Counting]:
    """A store for each list of texts."""
    made = [
        [entry(embedder, f"c{i}", f"{n}.md", 0, text).passage for n, text in enumerate(one)]
        for i, one in enumerate(texts)
    ]
    return [Counting(Shelf(passages, embedder)) for passages in made]


ANIMALS = ("owl", "fox", "bee", "eel", "hen")


def told(about: str, number: int) -> str:
    return f"The {about} of farm {number} sleeps in stable {number % 7}, said {number} visitors."


@pytest.mark.parametrize("owls", [2, 60], ids=["all alike", "one that has most of it"])
def test_many_stores_together_give_what_each_has_among_the_best(
    embedder: StaticEmbedder, owls: int
) -> None:
    about = [[told("owl", 100 * i + n) for n in range(2)] for i in range(11)]
    about.append([told("owl", 5000 + n) for n in range(owls)])
    rest = [[told(animal, n) for animal in ANIMALS for n in range(12)] for _ in about]
    stores = many(embedder, [[*own, *others] for own, others in zip(about, rest, strict=True)])
    asked = wanted(embedder, "Where does the owl sleep?", 50)
    pool = gather(stores, asked)
    # In the first look, out of the 2 × 50 that there are of each.
    assert all(one.given[0] <= 2 * (LEAST_ASKED + FAIR_SHARES * 50 // 12) for one in stores)
    for side in ("bm25", "dense"):
        every = [
            hit
            for store in stores
            for hit in getattr(store.candidates(asked.vector, asked.terms, 50), side)
        ]
        best = sorted((-hit.score, hit.chunk_id) for hit in every)[:50]
        assert list(getattr(pool, side))[:50] == [chunk_id for _, chunk_id in best]


def named(embedder: StaticEmbedder, texts: Sequence[str]) -> dict[str, Passage]:
    return {
        f"{i}": entry(embedder, "c", f"{i}.md", 0, text).passage for i, text in enumerate(texts)
    }


def fetcher(passages: Mapping[str, Passage], asked: list[list[str]]) -> Fetch:
    def fetch(ids: Sequence[str]) -> dict[str, Passage]:
        asked.append(list(ids))
        return {id: passages[id] for id in ids if id in passages}

    return fetch


def test_only_the_page_is_fetched(embedder: StaticEmbedder) -> None:
    asked: list[list[str]] = []
    collapse(["0", "1", "2"], fetcher(named(embedder, "abc"), asked), wanted=2)
    assert asked == [["0", "1"]]


def test_duplicates_and_gaps_are_made_up_for(embedder: StaticEmbedder) -> None:
    passages = named(embedder, ["one", "one", "gone", "two", "three"])
    del passages["2"]
    asked: list[list[str]] = []
    kept, duplicates = collapse(["0", "1", "2", "3", "4"], fetcher(passages, asked), wanted=2)
    assert [passage.file for passage in kept] == ["0.md", "3.md"]
    assert [(one.passage.file, one.of.file) for one in duplicates] == [("1.md", "0.md")]
