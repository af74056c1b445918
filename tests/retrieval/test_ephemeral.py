from collections.abc import Mapping
from math import log

import numpy as np
import pytest

from tests.retrieval.conftest import HANDBOOK, Fill
from trinax.documents.chunking import Limits
from trinax.documents.records import Document
from trinax.embedding.static import StaticEmbedder
from trinax.index import analysis
from trinax.index.ports import Store
from trinax.index.records import Filter, Passage, embedded_text
from trinax.index.registry import Registry
from trinax.retrieval import searching
from trinax.retrieval.ephemeral import Page, Shelf, passages
from trinax.retrieval.question import question
from trinax.retrieval.records import Query
from trinax.settings import Retrieval

WINDOWS = "How do I install trinax on Windows?"
QUESTIONS = [WINDOWS, "copias de seguridad", "models folder GGUF", "retrieval.dense_weight", "401"]
# Every page that a search brings up speaks of what was asked.
ALIKE = [
    "The keeper of the lighthouse is Marta Lindqvist.",
    "A keeper of a lighthouse trims the lamp.",
    "The lighthouse and its keeper were painted white.",
]


def page(text: str, url: str = "https://a.example/b", kind: str = "text") -> Page:
    return Page(Document("a.example/b", kind, "B", text, exact=False), url, 1.5)


def shelf(embedder: StaticEmbedder, *texts: str) -> Shelf:
    pages = [page(text, f"https://a.example/{n}") for n, text in enumerate(texts)]
    return Shelf([one for each in pages for one in passages(each, Limits())], embedder)


@pytest.fixture
def store(registry: Registry, fill: Fill) -> Store:
    fill("handbook", HANDBOOK)
    return registry.get("handbook")


@pytest.fixture
def same(store: Store, embedder: StaticEmbedder) -> Shelf:
    """What the store holds, in memory."""
    return Shelf([one for file in HANDBOOK for one in store.chunks(file)], embedder)


def plain_bm25(query: str, texts: Mapping[str, Passage]) -> dict[str, float]:
    """The stores' BM25 by its formula, a chunk and a term at a time."""
    terms = {
        id: analysis.document_terms(one.chunk.text, one.chunk.context, one.file, one.language)
        for id, one in texts.items()
    }
    asked = analysis.query_terms(query)
    scores = dict.fromkeys(texts, 0.0)
    for term, count in zip(asked.ids, asked.weights, strict=True):
        holding = [id for id, held in terms.items() if term in held.ids]
        idf = log(1 + (len(texts) - len(holding) + 0.5) / (len(holding) + 0.5))
        for id in holding:
            weight = terms[id].weights[terms[id].ids.index(term)]
            scores[id] += count * idf * weight
    return {id: score for id, score in scores.items() if score}


def words(shelf: Shelf | Store, query: str, limit: int = 20) -> dict[str, float]:
    found = shelf.candidates(None, analysis.query_terms(query), limit).bm25
    return {hit.chunk_id: hit.score for hit in found}


@pytest.mark.parametrize("query", QUESTIONS)
def test_words_count_as_in_a_collection(store: Store, same: Shelf, query: str) -> None:
    assert words(same, query) == pytest.approx(words(store, query), rel=1e-4)


@pytest.mark.parametrize("query", QUESTIONS)
def test_words_count_by_the_formula(store: Store, same: Shelf, query: str) -> None:
    held = {one.chunk.id: one for file in HANDBOOK for one in store.chunks(file)}
    assert words(same, query) == pytest.approx(plain_bm25(query, held))


def test_a_word_that_all_have_still_counts(embedder: StaticEmbedder) -> None:
    found = words(shelf(embedder, *ALIKE), "keeper lighthouse")
    assert len(found) == 3
    assert min(found.values()) > 0


def test_a_word_of_an_earlier_turn_counts_less(embedder: StaticEmbedder) -> None:
    held = shelf(embedder, "one keeper", "one lamp", "one foghorn")
    asked = question([("keeper", 1.0), ("lamp", 0.5)], embedder)
    best, second = held.candidates(None, asked.terms, 5).bm25
    assert second.score == pytest.approx(best.score / 2)


def test_meanings_are_cosines(same: Shelf, store: Store, embedder: StaticEmbedder) -> None:
    vector = embedder.queries([WINDOWS])[0]
    near = same.candidates(vector, None, 3).dense
    held = [one for file in HANDBOOK for one in store.chunks(file)]
    cosines = embedder.passages([embedded_text(one.chunk) for one in held]) @ vector
    best = [held[at].chunk.id for at in np.argsort(-cosines)[:3]]
    assert [hit.chunk_id for hit in near] == best
    assert same.scores(vector, [best[1], "gone"]) == {best[1]: pytest.approx(near[1].score)}


@pytest.mark.parametrize(
    ("narrowed", "files"),
    [
        (Filter(file_glob="*.py"), {"src/server.py"}),
        (Filter(language="es"), {"es/copias.md"}),
        (Filter("*.md", "python"), set()),
    ],
)
def test_a_filter_narrows(
    same: Shelf, embedder: StaticEmbedder, narrowed: Filter, files: set[str]
) -> None:
    vector = embedder.queries([WINDOWS])[0]
    near = same.candidates(vector, None, 20, narrowed).dense
    assert {one.file for one in same.fetch([hit.chunk_id for hit in near])} == files


def test_an_empty_shelf_finds_nothing(embedder: StaticEmbedder) -> None:
    found = searching.found(Query("keeper"), [Shelf([], embedder)], embedder, Retrieval())
    assert found.ranked == ()
    assert found.confidence < 0.5


@pytest.mark.parametrize("text", ["", " \n", "…", "\U0001f600"])
def test_a_page_without_a_word_does_no_harm(embedder: StaticEmbedder, text: str) -> None:
    found = searching.found(
        Query("keeper"), [shelf(embedder, text, ALIKE[0])], embedder, Retrieval()
    )
    assert found.ranked[0].passage.chunk.text == ALIKE[0]


@pytest.mark.parametrize("query", QUESTIONS)
def test_it_ranks_and_doubts_as_over_a_collection(
    store: Store, same: Shelf, embedder: StaticEmbedder, query: str
) -> None:
    one = searching.found(Query(query), [store], embedder, Retrieval(dense_weight=0.0))
    two = searching.found(Query(query), [same], embedder, Retrieval(dense_weight=0.0))
    scores = [[each.score for each in found.ranked] for found in (one, two)]
    assert scores[1] == pytest.approx(scores[0], rel=1e-4)


def test_a_page_that_answers_is_believed(embedder: StaticEmbedder) -> None:
    asked = Query("Who is the keeper of the lighthouse?")
    known = searching.found(asked, [shelf(embedder, *ALIKE)], embedder, Retrieval())
    odd = searching.found(asked, [shelf(embedder, *HANDBOOK["access.md"])], embedder, Retrieval())
    assert len(known.ranked) == 3
    assert known.confidence > 0.5 > odd.confidence


def test_passages_say_where_on_the_page_they_stand() -> None:
    text = "# Über\n\nEins.\n\n# Zwei\n\nZwei."
    cut = passages(page(text, kind="html"), Limits(limit_tokens=16))
    raw = text.encode()
    for one in cut:
        chunk = one.chunk
        assert raw[chunk.start_byte : chunk.end_byte].decode() == chunk.text
        assert (one.collection, one.file, one.url) == ("web", "a.example/b", "https://a.example/b")
    assert cut[0].chunk.start_line == 1
