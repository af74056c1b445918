from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.answering.writers import Endless, Parrot
from trinax.answering.chat import Chat
from trinax.answering.records import Ask, Delta, Done, Event, Started
from trinax.app import Parts, open_parts
from trinax.errors import CollectionNotFound, ContextLengthExceeded, ModelFailed, ModelNotFound
from trinax.models.catalogue import Catalogue
from trinax.models.pool import Pool
from trinax.models.ports import Generator, Message, Sampling
from trinax.settings import Ingest, Settings

QUESTION = Message("user", "Who is the keeper of the lighthouse?")
STRANGE = Message("user", "What did the parliament of Iceland decide on whaling?")


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "keeper.md").write_text("The keeper of the lighthouse is called Marta Lindqvist.\n")
    (notes / "lamp.md").write_text("The lamp of the lighthouse burns paraffin each night.\n")
    settings = Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0))
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        yield parts


def chat(parts: Parts, *generators: Generator) -> Chat:
    pool = Pool(Catalogue(parts.settings.models_dir), parts.settings.models, generators)
    return Chat(parts.retriever, pool, parts.settings)


async def events(chat: Chat, ask: Ask) -> list[Event]:
    async with aclosing(chat.answer(ask)) as answer:
        return [event async for event in answer]


def text(told: list[Event], choice: int = 0) -> str:
    return "".join(e.text for e in told if isinstance(e, Delta) and e.choice == choice)


async def test_an_answer_is_started_deltas_done(parts: Parts) -> None:
    told = await events(chat(parts, Parrot("It is Marta Lindqvist [1].")), Ask((QUESTION,)))
    started, *deltas, done = told
    assert isinstance(started, Started)
    assert isinstance(done, Done)
    assert all(isinstance(event, Delta) for event in deltas)
    assert started.sources[0].passage.file == "keeper.md"
    assert text(told) == "It is Marta Lindqvist [1]."
    assert done.grounding.verdict == "answered"
    assert {"route", "retrieve", "prompt", "first_text", "generate"} <= set(done.timing_ms)


async def test_the_model_sees_the_passages_that_it_may_cite(parts: Parts) -> None:
    parrot = Parrot("yes")
    started, *_ = await events(chat(parts, parrot), Ask((QUESTION,)))
    assert isinstance(started, Started)
    (generation,) = parrot.generations
    assert generation.passages == tuple(source.passage for source in started.sources)
    assert "Marta Lindqvist" in generation.messages[-1].content
    assert generation.confidence is not None


async def test_nothing_relevant_needs_no_model(parts: Parts) -> None:
    parrot = Parrot("yes")
    started, *deltas, done = await events(chat(parts, parrot), Ask((STRANGE,)))
    assert isinstance(started, Started)
    assert isinstance(done, Done)
    assert (started.sources, done.grounding.verdict) == ((), "insufficient")
    assert deltas == [Delta("Nothing in your collections answers this.")]
    assert parrot.generations == []


async def test_without_collections_there_is_no_retrieval(parts: Parts) -> None:
    parrot = Parrot("See [1].")
    told = await events(chat(parts, parrot), Ask((QUESTION,), collections=()))
    assert isinstance(told[-1], Done)
    assert told[-1].grounding.verdict == "ungrounded"
    assert text(told) == "See [1]."
    assert parrot.generations[0].messages == (QUESTION,)
    assert parrot.generations[0].confidence is None


async def test_invented_citations_never_leave(parts: Parts) -> None:
    told = await events(chat(parts, Parrot("Marta [1] [99], [42]")), Ask((QUESTION,)))
    assert text(told) == "Marta [1],"


async def test_every_choice_is_filtered_by_itself(parts: Parts) -> None:
    asked = Ask((QUESTION,), sampling=Sampling(n=2))
    told = await events(chat(parts, Parrot("Marta [1] [99]")), asked)
    assert (text(told, 0), text(told, 1)) == ("Marta [1]", "Marta [1]")
    assert isinstance(told[-1], Done)
    assert [finish.choice for finish in told[-1].finishes] == [0, 1]


async def test_earlier_questions_inform_retrieval(parts: Parts) -> None:
    asked = Ask(
        (QUESTION, Message("assistant", "Marta."), Message("user", "and what is she called?"))
    )
    started, *_ = await events(chat(parts, Parrot("yes")), asked)
    assert isinstance(started, Started)
    assert "keeper.md" in {source.passage.file for source in started.sources}


async def test_closing_the_answer_stops_the_model(parts: Parts) -> None:
    endless = Endless("")
    async with aclosing(chat(parts, endless).answer(Ask((QUESTION,)))) as answer:
        async for event in answer:
            if isinstance(event, Delta):
                break
    assert endless.stopped.is_set()


async def test_an_unknown_model_is_found_out_at_once(parts: Parts) -> None:
    with pytest.raises(ModelNotFound):
        await events(parts.chat, Ask((QUESTION,), model="gpt-9"))


async def test_an_unknown_collection_is_found_out_at_once(parts: Parts) -> None:
    with pytest.raises(CollectionNotFound):
        await events(parts.chat, Ask((QUESTION,), collections=("nowhere",)))


async def test_an_overlong_question_is_refused(parts: Parts) -> None:
    long = Message("user", QUESTION.content + " lamp" * 500)
    with pytest.raises(ContextLengthExceeded):
        await events(chat(parts, Parrot("yes", context_tokens=300)), Ask((long,)))


async def test_a_model_that_breaks_ends_the_stream(parts: Parts) -> None:
    broken = Parrot("a b c", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    answer = chat(parts, broken).answer(Ask((QUESTION,)))
    assert isinstance(await anext(answer), Started)
    assert await anext(answer) == Delta("a")
    with pytest.raises(ModelFailed):
        await anext(answer)


async def test_the_built_in_answerer_quotes_and_cites(parts: Parts) -> None:
    told = await events(parts.chat, Ask((QUESTION,)))
    assert "Marta Lindqvist" in text(told)
    assert "[1]" in text(told)
    assert isinstance(told[-1], Done)
    assert told[-1].grounding.verdict == "answered"
