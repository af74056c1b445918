from threading import Lock
from time import sleep
from typing import Any

import anyio
import pytest

from tests.retrieval.conftest import HANDBOOK, Fill
from trinax.embedding.static import StaticEmbedder
from trinax.errors import CollectionNotFound
from trinax.index.records import Filter
from trinax.index.registry import Registry
from trinax.retrieval import searching
from trinax.retrieval.records import Found, Mode, Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval

QUESTIONS = {
    "How do I add a GGUF model?": "models.md",
    "Which Python version is needed?": "install.md",
    "How is trinax installed in PowerShell?": "install.md",
    "What weight has the dense side?": "search.md",
    "How do I limit a search to some files?": "search.md",
    "How is a key revoked?": "access.md",
    "Where does the admin token come from?": "access.md",
    "¿Cómo se hace una copia de seguridad?": "es/copias.md",
    "parse_retry_after": "src/server.py",
    "seconds to wait before a request": "src/server.py",
}


def files(found: Found) -> list[str]:
    return [ranked.passage.file for ranked in found.ranked]


@pytest.mark.parametrize(("mode", "floor"), [("hybrid", 10), ("bm25", 9), ("dense", 7)])
async def test_most_answers_come_first(handbook: Retriever, mode: Mode, floor: int) -> None:
    right = 0
    for question, file in QUESTIONS.items():
        found = await handbook.search(Query(question, mode=mode))
        right += files(found)[:1] == [file]
    assert right >= floor


async def test_scores_fall_and_stay_between_zero_and_one(handbook: Retriever) -> None:
    found = await handbook.search(Query("How do I add a GGUF model?"))
    scores = [ranked.score for ranked in found.ranked]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


async def test_bm25_finds_only_what_holds_a_word_of_the_question(handbook: Retriever) -> None:
    found = await handbook.search(Query("GGUF", mode="bm25"))
    assert files(found) == ["models.md"]


async def test_dense_ranks_every_chunk(handbook: Retriever) -> None:
    found = await handbook.search(Query("GGUF", mode="dense", limit=50))
    assert len(found.ranked) == sum(map(len, HANDBOOK.values()))


async def test_pages_join_to_the_whole_ranking(handbook: Retriever) -> None:
    question = "How do I install trinax?"
    whole = await handbook.search(Query(question, limit=6))
    pages = [await handbook.search(Query(question, limit=2, offset=i)) for i in (0, 2, 4)]
    assert [r for page in pages for r in page.ranked] == list(whole.ranked)


async def test_a_page_beyond_the_end_is_empty(handbook: Retriever) -> None:
    assert (await handbook.search(Query("trinax", offset=500))).ranked == ()


async def test_a_filter_reaches_the_stores(handbook: Retriever) -> None:
    found = await handbook.search(Query("trinax", filter=Filter(file_glob="es/**")))
    assert files(found) == ["es/copias.md"]


async def test_a_filter_by_language_reaches_the_stores(handbook: Retriever) -> None:
    found = await handbook.search(Query("request", filter=Filter(language="python")))
    assert files(found) == ["src/server.py"]


async def test_an_unknown_collection_is_an_error(handbook: Retriever) -> None:
    with pytest.raises(CollectionNotFound):
        await handbook.search(Query("trinax", collections=("missing",)))


@pytest.mark.parametrize("text", ["", "   ", "???"])
async def test_a_question_without_words_finds_nothing_by_bm25(
    handbook: Retriever, text: str
) -> None:
    assert (await handbook.search(Query(text, mode="bm25"))).ranked == ()


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
async def test_a_blank_question_finds_nothing(handbook: Retriever, mode: Mode) -> None:
    found = await handbook.search(Query(" ", mode=mode))
    assert found.ranked == ()
    assert found.confidence < 0.05


async def test_an_empty_collection_finds_nothing(registry: Registry, retriever: Retriever) -> None:
    registry.ensure("empty")
    found = await retriever.search(Query("trinax"))
    assert found.ranked == ()
    assert found.confidence < 0.05


async def test_only_the_collections_asked_for_are_searched(
    retriever: Retriever, fill: Fill
) -> None:
    fill("handbook", HANDBOOK)
    fill("other", {"gguf.md": ["A GGUF model is a file."]})
    found = await retriever.search(Query("GGUF model", collections=("other",)))
    assert files(found) == ["gguf.md"]


async def test_a_weak_collection_gets_no_place_for_being_one(
    retriever: Retriever, fill: Fill
) -> None:
    fill("handbook", HANDBOOK)
    fill("other", {f"{i}.md": [f"A model railway, part {i}."] for i in range(4)})
    found = await retriever.search(Query("Where do I copy a GGUF model?"))
    assert found.ranked[0].passage.file == "models.md"
    assert found.ranked[0].score > 2 * max(
        ranked.score for ranked in found.ranked if ranked.passage.collection == "other"
    )


async def test_a_collection_split_in_two_ranks_the_same(fill: Fill, retriever: Retriever) -> None:
    texts = [f"Chapter about {animal} and their food." for animal in ("cats", "dogs", "owls")]
    whole = {f"{i}.md": [text] for i, text in enumerate(texts)}
    fill("whole", whole)
    fill("first", {"0.md": whole["0.md"]})
    fill("second", {name: whole[name] for name in ("1.md", "2.md")})
    question = "What do owls eat?"
    one = await retriever.search(Query(question, collections=("whole",)))
    two = await retriever.search(Query(question, collections=("first", "second")))
    assert files(one)[0] == files(two)[0] == "2.md"


async def test_equal_texts_collapse_to_the_best(fill: Fill, retriever: Retriever) -> None:
    licence = "Permission is granted to use this software, free of charge."
    fill("code", {f"{name}/licence": [licence] for name in "abc"} | {"x": ["Other software."]})
    found = await retriever.search(Query("permission to use the software"))
    assert [file.removeprefix(file[0]) for file in files(found)] == ["/licence", ""]


async def test_texts_that_differ_in_white_space_collapse(fill: Fill, retriever: Retriever) -> None:
    fill("notes", {"a.md": ["one two  three"], "b.md": ["one\ntwo three"]})
    assert len((await retriever.search(Query("three"))).ranked) == 1


async def test_a_short_follow_up_searches_for_what_came_before(handbook: Retriever) -> None:
    history = ("How do I install trinax?",)
    alone = await handbook.search(Query("and on Windows?", mode="bm25", limit=10))
    after = await handbook.search(Query("and on Windows?", history=history, mode="bm25", limit=10))
    assert len(files(alone)) < len(files(after))
    assert after.ranked[0].passage.chunk.text.startswith("On Windows")


async def test_a_follow_up_that_names_nothing_finds_the_topic(handbook: Retriever) -> None:
    history = ("What does trinax backup do?", "Where is the admin token read from?")
    found = await handbook.search(Query("And what is it for?", history=history))
    assert found.ranked[0].passage.file == "access.md"


async def test_a_complete_question_ignores_the_history(handbook: Retriever) -> None:
    question = "How do I limit a search to some files?"
    history = ("How do I add a GGUF model?",)
    plain = await handbook.search(Query(question))
    assert (await handbook.search(Query(question, history=history))).ranked == plain.ranked


async def test_rrf_is_a_setting(handbook_registry: Registry, embedder: StaticEmbedder) -> None:
    retriever = Retriever(handbook_registry, embedder, Retrieval(fusion="rrf"))
    found = await retriever.search(Query("How do I add a GGUF model?"))
    assert found.ranked[0].passage.file == "models.md"
    # First on both sides: 2 / 61 over 2 / 61.
    assert found.ranked[0].score == pytest.approx(1.0)


async def test_every_stage_is_timed(handbook: Retriever) -> None:
    timing = (await handbook.search(Query("trinax"))).timing_ms
    stages = ["question", "candidates", "fusion", "passages", "confidence", "rerank"]
    assert list(timing) == stages
    assert all(milliseconds >= 0 for milliseconds in timing.values())


async def test_few_searches_run_at_once(
    handbook_registry: Registry, embedder: StaticEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = Retriever(handbook_registry, embedder, Retrieval(), at_once=2)
    counting, inside, most = Lock(), [0], [0]
    search = searching.found

    def found(*arguments: Any) -> Found:
        with counting:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        sleep(0.01)
        with counting:
            inside[0] -= 1
        return search(*arguments)

    monkeypatch.setattr(searching, "found", found)
    async with anyio.create_task_group() as group:
        for _ in range(6):
            # Narrowed ones wait for the same turns.
            group.start_soon(retriever.search, Query("trinax"))
            group.start_soon(retriever.within(None).search, Query("trinax"))
    assert most[0] == 2
