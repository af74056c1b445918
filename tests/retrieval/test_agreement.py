"""Several collections count the rarity of a word as one does that has it all."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from random import Random

import pytest

from tests.retrieval.conftest import fill_with, opened
from trinax.embedding.static import StaticEmbedder
from trinax.index.analysis import query_terms
from trinax.index.ports import Searchable
from trinax.index.records import Terms
from trinax.index.registry import Registry
from trinax.retrieval.agreement import agreed
from trinax.retrieval.pool import Wanted, gather
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

WORDS = ("owl", "fox", "bat", "elk", "cod", "hen", "cat", "dog")
LIMIT = 30


@pytest.fixture(scope="module")
def registries(
    tmp_path_factory: pytest.TempPathFactory, embedder: StaticEmbedder
) -> Iterator[tuple[Registry, Registry]]:
    """Texts in one collection, and dealt so that words are rare here and common there."""
    folder = tmp_path_factory.mktemp("agreement")
    chance = Random(3)
    texts = {}
    for number in range(120):
        rest = " ".join(f"filler{chance.randrange(500)}" for _ in range(chance.randrange(5, 60)))
        texts[f"{number:03}.md"] = [f"{' '.join(chance.choices(WORDS, k=3))} {rest}"]
    names = sorted(texts, key=lambda name: ("owl" in texts[name][0], name))
    with (
        closing(opened(folder / "1", embedder)) as one,
        closing(opened(folder / "3", embedder)) as three,
    ):
        fill_with(one, embedder, "all", texts)
        for part in range(3):
            some = names[40 * part : 40 * (part + 1)]
            fill_with(three, embedder, f"part{part}", {name: texts[name] for name in some})
        yield one, three


def stores(registry: Registry) -> Sequence[Searchable]:
    return [store for _, store in registry.select()]


def scores(found: Sequence[Searchable], terms: Terms) -> list[float]:
    return list(gather(found, Wanted(None, terms, LIMIT)).bm25.values())


@pytest.mark.parametrize("words", ["owl", "owl fox", "owl unheard filler7 hen", "unheard"])
def test_words_weigh_as_in_one_collection(
    registries: tuple[Registry, Registry], words: str
) -> None:
    one, three = map(stores, registries)
    terms = query_terms(words)
    whole = scores(agreed(one, terms), terms)
    assert scores(agreed(three, terms), terms) == pytest.approx(whole, rel=1e-4)
    if "owl" in words:
        assert scores(three, terms) != pytest.approx(whole, rel=1e-2)


def test_what_a_word_adds_at_most_is_that_of_all(registries: tuple[Registry, Registry]) -> None:
    one, three = map(stores, registries)
    terms = query_terms("owl")
    (whole,) = one[0].best([terms])
    found = [store.best([terms])[0] for store in agreed(three, terms)]
    assert max(found) == pytest.approx(whole, rel=1e-4)


def test_one_store_is_not_asked(registries: tuple[Registry, Registry]) -> None:
    one = stores(registries[0])
    assert agreed(one, query_terms("owl")) is one
    assert agreed(stores(registries[1]), None)[0] is stores(registries[1])[0]


async def test_a_search_finds_the_same(
    registries: tuple[Registry, Registry], embedder: StaticEmbedder
) -> None:
    query = Query("owl and fox", mode="bm25", limit=5, explain=True)
    one, three = [
        await Retriever(registry, embedder, Retrieval()).search(query) for registry in registries
    ]
    scores = [each.score for each in one.ranked]
    assert [each.score for each in three.ranked] == pytest.approx(scores, rel=1e-4)
    # Among equal scores others may be the best five.
    assert three.confidence == pytest.approx(one.confidence, rel=1e-2)
    same = {each.passage.file: each.explanation for each in one.ranked}
    both = [each for each in three.ranked if each.passage.file in same]
    assert both
    for each in both:
        mine, other = same[each.passage.file], each.explanation
        assert mine is not None
        assert other is not None
        assert other.matched == pytest.approx(mine.matched, rel=1e-3)
