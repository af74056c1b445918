"""What every store does; an implementation's test class supplies make_store."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from trinax.documents.records import Chunk
from trinax.index.analysis import document_terms, query_terms
from trinax.index.ids import id_bytes, ids_digest
from trinax.index.ports import Store
from trinax.index.records import Entry, FileSummary, Filter, Frequencies, Passage, Terms

WIDTH = 8
COLLECTION = "notes"

MakeStore = Callable[[], Store]


def entry(file: str, ordinal: int, text: str, **changes: object) -> Entry:
    """A chunk whose vector is axis `ordinal`, or what changes["vector"] says."""
    chunk = Chunk(
        id=str(uuid5(NAMESPACE_URL, f"{file}#{ordinal}#{text}")),
        text=text,
        context="Guide › Words",
        start_byte=100 * ordinal,
        end_byte=100 * ordinal + len(text.encode()),
        start_line=1 + 10 * ordinal,
        end_line=10 + 10 * ordinal,
        page=ordinal + 1 if file.endswith(".pdf") else None,
        tokens=len(text.split()),
    )
    vector = changes.pop("vector", np.eye(WIDTH, dtype=np.float32)[ordinal % WIDTH])
    passage = Passage(COLLECTION, file, ordinal, chunk, "markdown", "en", 1000, 1700000000.125)
    return Entry(
        passage=replace(passage, **changes),  # type: ignore[arg-type]
        vector=np.asarray(vector, dtype=np.float32),
        terms=document_terms(text),
    )


def entries(file: str, *texts: str) -> dict[str, tuple[Entry, ...]]:
    return {file: tuple(entry(file, ordinal, text) for ordinal, text in enumerate(texts))}


def texts(store: Store, words: str, filter: Filter | None = None) -> list[str]:
    """What BM25 finds, best first."""
    hits = store.candidates(None, query_terms(words), 10, filter).bm25
    return [passage.chunk.text for passage in store.fetch([hit.chunk_id for hit in hits])]


class StoreContract:
    @pytest.fixture
    def make_store(self) -> Iterator[MakeStore]:
        """Opens the same collection at each call, closing what was open."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, make_store: MakeStore) -> Store:
        return make_store()

    def test_a_new_store_is_empty_and_fresh(self, store: Store) -> None:
        assert store.fresh
        assert store.count() == 0
        assert store.files() == []
        assert store.candidates(np.ones(WIDTH, np.float32), query_terms("word"), 5).dense == ()

    def test_a_passage_comes_back_as_it_went_in(self, store: Store) -> None:
        one = entry("a/Ünï cödé.pdf", 3, "naïve 中文 🙂 \t\x00 \\ text\r\n", language="fr")
        store.replace({one.passage.file: (one,)})
        assert store.fetch([one.passage.chunk.id]) == [one.passage]

    def test_it_tells_in_how_many_chunks_a_word_stands(self, store: Store) -> None:
        words = ("apple", "pear", "unheard")
        terms = [id for word in words for id in document_terms(word).ids]
        assert store.frequencies(terms) == Frequencies(0, (0.0,) * len(terms))
        store.replace(entries("a.md", "apple pie", "an apple and a pear", "apple apple apple"))
        store.replace(entries("b.md", "a pear", "nothing of it"))
        found = store.frequencies(terms)
        assert found.chunks == 5
        assert found.holding == pytest.approx((3, 2, 0), abs=1e-3)
        assert store.frequencies([]).holding == ()
        store.replace(entries("b.md", "an apple"))
        assert store.frequencies(terms).chunks == 4
        assert store.frequencies(terms).holding[0] == pytest.approx(4, abs=0.2)

    def test_the_best_score_of_each_question_is_told_at_once(self, store: Store) -> None:
        questions = [query_terms(words) for words in ("apple", "pear green", "unheard")]
        assert store.best(questions) == [0.0, 0.0, 0.0]
        store.replace(entries("a.md", "apple red", "apple green pear", "pear"))
        found = [store.candidates(None, terms, 5).bm25 for terms in questions]
        expected = [hits[0].score if hits else 0.0 for hits in found]
        assert store.best(questions) == pytest.approx(expected)
        assert expected[0] > 0 < expected[1]
        assert store.best([]) == []

    def test_fetch_keeps_the_order_asked_and_leaves_out_what_is_gone(self, store: Store) -> None:
        files = entries("a.md", "one", "two", "three")
        store.replace(files)
        ids = [one.passage.chunk.id for one in files["a.md"]]
        gone = str(uuid5(NAMESPACE_URL, "gone"))
        asked = [ids[2], "no id at all", gone, ids[0]]
        assert [one.chunk.text for one in store.fetch(asked)] == ["three", "one"]

    def test_replacing_a_file_removes_its_stale_chunks(self, store: Store) -> None:
        store.replace(entries("a.md", "apple", "banana", "cherry") | entries("b.md", "date"))
        store.replace(entries("a.md", "apple", "blueberry"))
        assert [one.chunk.text for one in store.chunks("a.md")] == ["apple", "blueberry"]
        assert store.count() == 3
        assert texts(store, "banana cherry") == []
        assert texts(store, "date") == ["date"]

    def test_replacing_a_file_by_nothing_removes_it(self, store: Store) -> None:
        store.replace(entries("a.md", "apple") | entries("b.md", "banana"))
        store.replace({"a.md": ()})
        assert [one.file for one in store.files()] == ["b.md"]

    def test_a_deleted_file_is_gone_from_both_sides(self, store: Store) -> None:
        store.replace(entries("a.md", "apple") | entries("b.md", "banana"))
        store.delete(["a.md", "never-there.md"])
        found = store.candidates(np.eye(WIDTH, dtype=np.float32)[0], query_terms("apple"), 10)
        assert found.bm25 == ()
        assert [one.file for one in store.fetch([hit.chunk_id for hit in found.dense])] == ["b.md"]

    def test_touch_changes_size_and_time_only(self, store: Store) -> None:
        store.replace(entries("a.md", "apple", "banana"))
        before = store.chunks("a.md")
        store.touch("a.md", 2**33, 1800000000.5)
        store.touch("never-there.md", 1, 1.0)
        after = store.chunks("a.md")
        assert after == [replace(one, size_bytes=2**33, mtime_s=1800000000.5) for one in before]
        assert (store.files()[0].size_bytes, store.files()[0].mtime_s) == (2**33, 1800000000.5)
        assert texts(store, "apple") == ["apple"]

    def test_files_are_listed_by_chunks_then_by_name(self, store: Store) -> None:
        store.replace(entries("b.md", "x" * 300) | entries("a.md", "y") | entries("c.md", "z", "w"))
        assert store.files() == [
            FileSummary("c.md", 2, 1000, 1700000000.125, "z"),
            FileSummary("a.md", 1, 1000, 1700000000.125, "y"),
            FileSummary("b.md", 1, 1000, 1700000000.125, "x" * 200),
        ]

    def test_ids_of_a_files_chunks_are_told_as_one(self, store: Store) -> None:
        assert store.ids() == {}
        store.replace(entries("a.md", "x", "y") | entries("b.md", *map(str, range(3000))))
        found = store.ids()
        assert found == {
            file: ids_digest(id_bytes(one.chunk.id) for one in reversed(store.chunks(file)))
            for file in ("a.md", "b.md")
        }
        store.replace(entries("a.md", "x", "z"))
        assert store.ids()["a.md"] != found["a.md"]
        assert store.ids()["b.md"] == found["b.md"]

    def test_chunks_come_in_the_order_of_the_file(self, store: Store) -> None:
        words = [f"word{n}" for n in range(40)]
        store.replace(entries("a.md", *words))
        assert [one.chunk.text for one in store.chunks("a.md")] == words
        assert store.chunks("never-there.md") == []

    def test_entries_can_be_stored_again_under_another_name(self, store: Store) -> None:
        one = entry("a.md", 0, "apple pie", vector=np.full(WIDTH, 1 / math.sqrt(WIDTH)))
        empty = entry("a.md", 1, "", vector=np.zeros(WIDTH))
        store.replace({"a.md": (one, empty)})
        back = store.entries("a.md")
        assert [each.passage for each in back] == [one.passage, empty.passage]
        assert back[0].terms.ids == one.terms.ids
        assert back[0].terms.weights == pytest.approx(one.terms.weights)
        assert back[1].terms == Terms((), ())
        np.testing.assert_allclose(back[0].vector, one.vector, atol=1e-4)
        np.testing.assert_array_equal(back[1].vector, empty.vector)

    def test_dense_scores_are_cosines_best_first(self, store: Store) -> None:
        store.replace(entries("a.md", "zero", "one", "two"))
        query = np.zeros(WIDTH, np.float32)
        query[:2] = 0.6, 0.8
        found = store.candidates(query, None, 3)
        assert [hit.score for hit in found.dense] == pytest.approx([0.8, 0.6, 0.0], abs=1e-4)
        assert [one.chunk.text for one in store.fetch([hit.chunk_id for hit in found.dense])] == [
            "one",
            "zero",
            "two",
        ]
        assert found.bm25 == ()

    def test_scores_are_given_for_the_chunks_asked(self, store: Store) -> None:
        files = entries("a.md", "zero", "one", "two")
        store.replace(files)
        ids = [one.passage.chunk.id for one in files["a.md"]]
        found = store.scores(np.eye(WIDTH, dtype=np.float32)[1], [ids[1], ids[2], "no id"])
        assert found == pytest.approx({ids[1]: 1.0, ids[2]: 0.0}, abs=1e-4)

    def test_a_vector_without_direction_finds_nothing(self, store: Store) -> None:
        store.replace(entries("a.md", "apple"))
        found = store.candidates(np.zeros(WIDTH, np.float32), Terms((), ()), 5)
        assert (found.dense, found.bm25) == ((), ())

    def test_both_sides_answer_within_the_limit(self, store: Store) -> None:
        store.replace(entries("a.md", *[f"apple number{n}" for n in range(20)]))
        found = store.candidates(np.eye(WIDTH, dtype=np.float32)[0], query_terms("apple"), 7)
        assert (len(found.dense), len(found.bm25)) == (7, 7)

    def test_a_word_finds_its_chunk_and_no_other(self, store: Store) -> None:
        store.replace(entries("a.md", "the apples of spring", "a banana in autumn"))
        assert texts(store, "apple") == ["the apples of spring"]
        assert texts(store, "pear") == []

    def test_ranks_as_rank_bm25_does(self, store: Store) -> None:
        # Documents of one length, and k1 as ours is at that length: what is left to differ is
        # idf (ours is Lucene's, never negative), which is far from turning these rankings round.
        corpus = [
            "alpha alpha beta tau psi chi",
            "alpha gamma gamma delta zeta eta",
            "beta beta beta gamma tau phi",
            "kappa lambda sigma sigma nu xi",
            "delta delta omega sigma phi nu",
            "omega epsilon rho rho rho xi",
            "rho kappa kappa tau upsilon phi",
            "zeta eta psi chi xi nu",
        ]
        store.replace(entries("a.md", *corpus))
        reference = BM25Okapi([text.split() for text in corpus], k1=1.5 * (0.25 + 0.75 * 6 / 100))
        for query in ("alpha", "beta gamma", "delta sigma", "rho kappa", "beta alpha tau"):
            scores = reference.get_scores(query.split())
            ranked = sorted(zip(-scores, corpus, strict=True))
            assert texts(store, query) == [text for score, text in ranked if score < 0]

    def test_scores_words_by_the_formula(self, store: Store) -> None:
        corpus = ["alpha alpha beta", "alpha gamma", "beta beta beta gamma delta", "epsilon"]
        store.replace(entries("a.md", *corpus))
        found = store.candidates(None, query_terms("alpha beta"), 10).bm25
        by_text = dict(
            zip(
                [one.chunk.text for one in store.fetch([hit.chunk_id for hit in found])],
                [hit.score for hit in found],
                strict=True,
            )
        )
        assert by_text == pytest.approx(plain_bm25("alpha beta", corpus), rel=1e-4)

    def test_idf_forgets_what_is_gone(self, store: Store) -> None:
        store.replace(entries("a.md", "alpha", "beta") | entries("b.md", "alpha", "alpha gamma"))
        store.replace(entries("c.md", "alpha one", "alpha two"))
        store.delete(["b.md"])
        store.replace(entries("c.md", "beta"))
        found = store.candidates(None, query_terms("alpha"), 10).bm25
        expected = plain_bm25("alpha", ["alpha", "beta", "beta"])
        assert [hit.score for hit in found] == pytest.approx([expected["alpha"]], rel=1e-4)

    def test_idf_follows_what_is_stored(self, store: Store) -> None:
        store.replace(entries("a.md", "alpha", "beta"))
        rare = store.candidates(None, query_terms("alpha"), 1).bm25[0].score
        store.replace(entries("b.md", *[f"alpha word{n}" for n in range(20)]))
        common = store.candidates(None, query_terms("alpha"), 1).bm25[0].score
        assert common < rare

    @pytest.mark.parametrize(
        ("glob", "found"),
        [
            ("*.py", {"main.py", "src/app.py", "src/web/page.py"}),
            ("src/*.py", {"src/app.py"}),
            ("src/**", {"src/app.py", "src/web/page.py"}),
            ("**/page.*", {"src/web/page.py"}),
            ("**", {"main.py", "src/app.py", "src/web/page.py", "read.md"}),
            ("*.rs", set()),
        ],
    )
    def test_a_glob_restricts_both_sides(self, store: Store, glob: str, found: set[str]) -> None:
        for file in ("main.py", "src/app.py", "src/web/page.py", "read.md"):
            store.replace(entries(file, "apple"))
        candidates = store.candidates(
            np.eye(WIDTH, dtype=np.float32)[0], query_terms("apple"), 10, Filter(file_glob=glob)
        )
        for side in (candidates.dense, candidates.bm25):
            assert {one.file for one in store.fetch([hit.chunk_id for hit in side])} == found

    def test_a_language_is_a_kind_or_a_natural_one(self, store: Store) -> None:
        code = entry("a.py", 0, "apple code", kind="python", language="en")
        prose = entry("b.md", 0, "apple prose", language="es")
        store.replace({"a.py": (code,), "b.md": (prose,)})
        assert texts(store, "apple", Filter(language="python")) == ["apple code"]
        assert texts(store, "apple", Filter(language="es")) == ["apple prose"]
        assert texts(store, "apple", Filter(file_glob="*.md", language="python")) == []

    def test_what_is_written_is_what_is_served(self, store: Store) -> None:
        store.replace(entries("a.md", "apple", "banana"))
        store.switch()
        assert not store.renewed
        assert (store.written(), store.unwritten()) == (store.files(), [])
        with store.view() as view:
            assert view.former is None
            assert view.passages.fetch([store.chunks("a.md")[1].chunk.id])[0].ordinal == 1

    def test_opened_again_it_holds_what_was_written(self, make_store: MakeStore) -> None:
        make_store().replace(entries("a.md", "apple", "banana"))
        store = make_store()
        assert not store.fresh
        assert [(one.file, one.chunks) for one in store.files()] == [("a.md", 2)]
        assert texts(store, "banana") == ["banana"]

    def test_dropped_and_opened_again_it_is_empty(self, make_store: MakeStore) -> None:
        store = make_store()
        store.replace(entries("a.md", "apple"))
        store.drop()
        assert make_store().fresh
        assert make_store().count() == 0


def plain_bm25(query: str, corpus: list[str]) -> dict[str, float]:
    """Robertson's formula with Lucene's idf, k1 1.5, b 0.75 and an average length of 100."""
    documents = {text: Counter(text.split()) for text in corpus}
    scores: dict[str, float] = {}
    for word in query.split():
        holders = sum(word in counts for counts in documents.values())
        idf = math.log(1 + (len(corpus) - holders + 0.5) / (holders + 0.5))
        for text, counts in documents.items():
            if tf := counts[word]:
                damping = 1.5 * (0.25 + 0.75 * counts.total() / 100)
                scores[text] = scores.get(text, 0.0) + idf * tf * 2.5 / (tf + damping)
    return scores
