from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.retrieval.conftest import HANDBOOK, Fill, fill_with, opened
from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.embedding.static import StaticEmbedder
from trinax.retrieval.confidence import Evidence, Word, coverages, lexical, probability
from trinax.retrieval.records import Mode, Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

THRESHOLD = Retrieval().confidence_threshold


def word(id: int, gain: float, weight: float = 1.0) -> Word:
    return Word(frozenset({id}), weight, gain)


def test_coverage_weighs_words_by_what_they_can_add() -> None:
    words = [word(1, 6.0), word(2, 2.0)]
    assert lexical(words, [frozenset({1}), frozenset({2})], bm25=6.0) == Evidence(0.75, 0.75)


def test_an_unknown_word_weighs_as_much_as_the_rarest_known_one() -> None:
    words = [word(1, 4.0), word(2, 1.0), word(3, 0.0)]
    assert lexical(words, [frozenset({1, 2})], bm25=5.0).coverage == pytest.approx(5 / 9)


def test_a_word_of_an_earlier_turn_weighs_less() -> None:
    words = [word(1, 4.0), word(2, 4.0, weight=0.5)]
    assert lexical(words, [frozenset({1})], bm25=4.0).coverage == pytest.approx(4 / 6)


def test_one_form_of_a_word_is_enough() -> None:
    assert lexical([Word(frozenset({1, 2}), 1.0, 3.0)], [frozenset({2})], 3.0).coverage == 1.0


def test_strength_is_never_above_one() -> None:
    assert lexical([word(1, 2.0)], [frozenset({1})], bm25=9.0).strength == 1.0


@pytest.mark.parametrize("words", [[], [word(1, 0.0)]])
def test_unknown_words_are_no_evidence(words: list[Word]) -> None:
    assert lexical(words, [frozenset({5})], bm25=0.0) == Evidence()


def test_every_kind_of_evidence_raises_the_probability() -> None:
    some = Evidence(0.5, 0.5, 0.5, 0.5)
    for name in ("coverage", "strength", "cosine", "sentence"):
        assert probability(replace(some, **{name: 0.6})) > probability(some)


def test_a_denial_that_no_sentence_shares_lowers_the_probability() -> None:
    some = Evidence(0.9, 0.5, 0.6, 0.9)
    assert probability(replace(some, contrary=1.0)) < probability(some)


def test_words_spread_over_sentences_count_less_than_words_of_one() -> None:
    words = [word(1, 4.0), word(2, 2.0)]
    assert coverages(words, [frozenset({1}), frozenset({2}), frozenset({1, 2, 3})]) == [
        pytest.approx(4 / 6),
        pytest.approx(2 / 6),
        1.0,
    ]


@pytest.mark.parametrize("cosine", [0.0, None])
def test_no_evidence_is_next_to_no_probability(cosine: float | None) -> None:
    assert probability(Evidence(0.0, 0.0, cosine)) < 0.05


@pytest.mark.parametrize("cosine", [1.0, None])
def test_all_evidence_is_next_to_certainty(cosine: float | None) -> None:
    assert probability(Evidence(1.0, 1.0, cosine, 1.0)) > 0.95


ANSWERED = (
    "How do I add a GGUF model?",
    "How do I install trinax on Windows?",
    "What sets the weight of the dense side?",
    "How is a revoked key refused?",
    "¿Cómo se hacen las copias de seguridad con trinax?",
)
NOT_ANSWERED = (
    "What is the airspeed of an unladen swallow?",
    "Who won the football world cup in 1998?",
    "¿Cuál es la capital de Mongolia?",
    "How long do I boil an egg?",
    "xqzzy flurb",
)


@pytest.mark.parametrize("question", ANSWERED)
async def test_a_small_collection_knows_what_it_holds(handbook: Retriever, question: str) -> None:
    assert (await handbook.search(Query(question))).confidence >= THRESHOLD


@pytest.mark.parametrize("question", NOT_ANSWERED)
async def test_a_small_collection_knows_what_it_lacks(handbook: Retriever, question: str) -> None:
    assert (await handbook.search(Query(question))).confidence < THRESHOLD


class Narrow:
    """Another embedder, whose cosines all lie close to 1."""

    id = "narrow"
    fingerprint = "narrow"
    limit_tokens = None

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.width = inner.width

    def passages(self, texts: Sequence[str]) -> Vectors:
        vectors = self._inner.passages(texts) + 0.3
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def read(self, passage: str | Sequence[int]) -> Reading:
        return self._inner.read(passage)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        return self._inner.vectors(readings)

    def close(self) -> None:
        self._inner.close()


async def test_cosines_of_another_embedder_are_left_out(
    tmp_path: Path, embedder: StaticEmbedder
) -> None:
    narrow = Narrow(embedder)
    with closing(opened(tmp_path, narrow)) as registry:
        fill_with(registry, narrow, "handbook", HANDBOOK)
        retriever = Retriever(registry, narrow, Retrieval())
        assert (await retriever.search(Query(ANSWERED[0]))).confidence >= THRESHOLD
        assert (await retriever.search(Query(NOT_ANSWERED[0]))).confidence < THRESHOLD


@pytest.mark.parametrize("mode", ["dense", "bm25"])
@pytest.mark.parametrize("question", [ANSWERED[0], NOT_ANSWERED[0]])
async def test_a_search_of_one_side_is_as_sure(
    handbook: Retriever, question: str, mode: Mode
) -> None:
    both = await handbook.search(Query(question))
    one = await handbook.search(Query(question, mode=mode))
    assert one.confidence == pytest.approx(both.confidence, abs=0.1)


async def test_confidence_does_not_depend_on_the_page(handbook: Retriever) -> None:
    first = await handbook.search(Query("How do I add a GGUF model?"))
    later = await handbook.search(Query("How do I add a GGUF model?", offset=3, limit=1))
    assert first.confidence == later.confidence


async def test_a_single_chunk_can_be_sure(fill: Fill, retriever: Retriever) -> None:
    fill("one", {"note.md": ["The spare key hangs behind the garden door."]})
    sure = await retriever.search(Query("Where does the spare key hang?"))
    unsure = await retriever.search(Query("What is the airspeed of an unladen swallow?"))
    assert sure.confidence >= THRESHOLD > unsure.confidence


async def test_words_of_one_sentence_are_told_from_words_of_several(
    fill: Fill, retriever: Retriever
) -> None:
    fill("one", {"note.md": ["Owls hunt at night. Swifts sleep in the air."]})
    together = retriever.evidence(Query("Which animals hunt at night?"))
    apart = retriever.evidence(Query("Which animals hunt in the air?"))
    assert together.sentence > apart.sentence
    assert together.coverage == apart.coverage


@pytest.mark.parametrize(
    ("question", "contrary"),
    [
        ("Which of the birds do not hunt at night?", 1.0),
        ("Which of the birds do hunt at night?", 0.0),
        ("Which of the birds do not land?", 0.0),
    ],
)
async def test_a_denial_is_looked_for_where_the_words_are(
    fill: Fill, retriever: Retriever, question: str, contrary: float
) -> None:
    fill("one", {"note.md": ["All the owls hunt at night. The swifts do not land."]})
    assert retriever.evidence(Query(question)).contrary == contrary


async def test_a_denial_in_an_unknown_language_speaks_against_nothing(
    fill: Fill, retriever: Retriever
) -> None:
    fill("one", {"owl.py": ["owl = hunts(at=night)"]})
    assert retriever.evidence(Query("Which owl does not hunt at night?")).contrary == 0.0
