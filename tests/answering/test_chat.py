from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.answering.writers import Endless, Parrot, Script
from trinax.answering.chat import Chat, unfinished_within
from trinax.answering.records import Ask, Done, Event, Started
from trinax.app import Parts, open_parts
from trinax.errors import CollectionNotFound, ContextLengthExceeded, ModelFailed, ModelNotFound
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import (
    CallPiece,
    Finish,
    Generator,
    JsonFormat,
    Message,
    Piece,
    Sampling,
    Tool,
    ToolCall,
    Tools,
    Turn,
)
from trinax.settings import Ingest, Settings

QUESTION = Message("user", "Who is the keeper of the lighthouse?")
READ = Tools((Tool("read_file"),))
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
    models = Catalogue(parts.settings.models_dir)
    wiring = Wiring(light=parts.embedder)
    pool = Pool(models, parts.settings.models, generators, wiring=wiring)
    return Chat(parts.reach, pool, parts.settings, parts.ingest.unfinished)


async def events(chat: Chat, ask: Ask) -> list[Event]:
    async with aclosing(chat.answer(ask)) as answer:
        return [event async for event in answer]


def text(told: list[Event], choice: int = 0) -> str:
    return "".join(e.text for e in told if isinstance(e, Piece) and e.choice == choice)


def verdict(told: list[Event]) -> str:
    assert isinstance(told[-1], Done)
    return told[-1].grounding.verdict


async def test_an_answer_is_started_deltas_done(parts: Parts) -> None:
    told = await events(chat(parts, Parrot("It is Marta Lindqvist [1].")), Ask((QUESTION,)))
    started, *pieces, finish, done = told
    assert isinstance(started, Started)
    assert isinstance(finish, Finish)
    assert isinstance(done, Done)
    assert all(isinstance(event, Piece) for event in pieces)
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
    started, *answer, done = await events(chat(parts, parrot), Ask((STRANGE,)))
    assert isinstance(started, Started)
    assert isinstance(done, Done)
    assert (started.sources, done.grounding.verdict) == ((), "insufficient")
    assert answer == [Piece("Nothing in your collections answers this."), Finish("stop", 0, 0)]
    assert parrot.generations == []


async def test_what_only_a_model_would_heed_is_told_where_none_writes(parts: Parts) -> None:
    asked = Sampling(max_tokens=2, n=2, stop=("in",))
    told = await events(chat(parts, Parrot("yes")), Ask((STRANGE,), sampling=asked))
    assert isinstance(told[0], Started)
    assert told[0].ignored == ("max_tokens", "stop")


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
    assert [event.choice for event in told if isinstance(event, Finish)] == [0, 1]


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
            if isinstance(event, Piece):
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
        await events(chat(parts, Parrot("yes", context_tokens=300)), Ask((long,), "parrot"))


async def test_a_model_that_breaks_ends_the_stream(parts: Parts) -> None:
    broken = Parrot("a b c", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    answer = chat(parts, broken).answer(Ask((QUESTION,)))
    assert isinstance(await anext(answer), Started)
    assert await anext(answer) == Piece("a")
    with pytest.raises(ModelFailed):
        await anext(answer)


async def test_the_built_in_answerer_quotes_and_cites(parts: Parts) -> None:
    told = await events(parts.chat, Ask((QUESTION,)))
    assert "Marta Lindqvist" in text(told)
    assert "[1]" in text(told)
    assert isinstance(told[-1], Done)
    assert told[-1].grounding.verdict == "answered"


@pytest.mark.parametrize("asked", [{"tools": READ}, {"format": JsonFormat()}])
async def test_a_program_gets_its_answer_even_if_nothing_was_found(
    parts: Parts, asked: dict[str, Any]
) -> None:
    parrot = Parrot("xs[7] = 1")
    told = await events(chat(parts, parrot), Ask((STRANGE,), **asked))
    assert text(told) == "xs[7] = 1"
    assert verdict(told) == "insufficient"
    assert parrot.generations[0].messages == (STRANGE,)
    assert parrot.generations[0].passages == ()


@pytest.mark.parametrize("asked", [{"tools": READ}, {"format": JsonFormat()}])
async def test_what_a_program_reads_is_never_altered(parts: Parts, asked: dict[str, Any]) -> None:
    told = await events(chat(parts, Parrot('{"xs": [7], "n": [1, 99]}')), Ask((QUESTION,), **asked))
    assert text(told) == '{"xs": [7], "n": [1, 99]}'


async def test_json_has_no_sentences_to_judge(parts: Parts) -> None:
    told = await events(
        chat(parts, Parrot('{"mood": "glad"}')), Ask((QUESTION,), format=JsonFormat())
    )
    assert isinstance(told[-1], Done)
    assert (told[-1].grounding.verdict, told[-1].grounding.support) == ("answered", ())


async def test_a_call_is_told_as_it_is_written(parts: Parts) -> None:
    call = (CallPiece(0, "", id="a", name="read_file"), CallPiece(0, '{"n": [9]}'))
    script = Script(Piece("See [1"), *call, Finish("tool_calls", 5, 4))
    _, *told, done = await events(chat(parts, script), Ask((QUESTION,), tools=READ))
    assert told == [Piece("See [1"), *call, Finish("tool_calls", 5, 4)]
    assert isinstance(done, Done)
    assert (done.grounding.verdict, done.grounding.support) == ("answered", ())
    assert script.generations[0].tools == READ


async def test_prose_beside_tools_is_judged_like_any(parts: Parts) -> None:
    parrot = Parrot("The keeper is Marta Lindqvist [1].")
    told = await events(chat(parts, parrot), Ask((QUESTION,), tools=READ))
    assert isinstance(told[-1], Done)
    assert told[-1].grounding.support[0].sources == (1,)


async def test_the_question_of_a_tools_result_is_the_last_users(parts: Parts) -> None:
    called = Message("assistant", "", tool_calls=(ToolCall("1", "read_file", "{}"),))
    result = Message("tool", "the parliament of Iceland", tool_call_id="1")
    parrot = Parrot("yes")
    started, *_ = await events(chat(parts, parrot), Ask((QUESTION, called, result)))
    assert isinstance(started, Started)
    assert started.sources[0].passage.file == "keeper.md"
    assert parrot.generations[0].messages[-2:] == (called, result)


async def test_reasoning_is_shown_as_it_is_and_judged_by_nobody(parts: Parts) -> None:
    thought = Piece("Is it [99]?", channel="reasoning")
    script = Script(thought, Piece("Marta Lindqvist [1]."), Finish("stop", 5, 4))
    told = await events(chat(parts, script), Ask((QUESTION,)))
    assert thought in told
    assert isinstance(told[-1], Done)
    assert [one.sentence for one in told[-1].grounding.support] == ["Marta Lindqvist [1]."]


async def test_a_choice_ends_when_it_ends(parts: Parts) -> None:
    said = (Piece("a", 1), Finish("stop", 5, 1, 1), Piece("b", 0), Finish("stop", 5, 1, 0))
    asked = Ask((QUESTION,), sampling=Sampling(n=2))
    _, *told, _ = await events(chat(parts, Script(*said)), asked)
    assert told == list(said)


async def test_the_model_learns_who_asks_and_how(parts: Parts) -> None:
    parrot = Parrot("yes")
    turn = Turn("task", "10.0.0.7", 5.0)
    await events(chat(parts, parrot), Ask((QUESTION,), reasoning="low", turn=turn))
    (generation,) = parrot.generations
    assert (generation.turn, generation.reasoning) == (turn, "low")


async def test_without_retrieval_the_whole_conversation_is_seen(parts: Parts) -> None:
    turns = [Message("user", "x" * 5000)] * 7
    parrot = Parrot("yes")
    await events(chat(parts, parrot), Ask((*turns, QUESTION), collections=()))
    assert parrot.generations[0].messages == (*turns, QUESTION)


async def test_the_built_in_answerer_does_without_tools(parts: Parts) -> None:
    told = await events(parts.chat, Ask((QUESTION,), tools=READ))
    assert isinstance(told[0], Started)
    assert told[0].ignored == ("tools",)
    assert "Marta Lindqvist" in text(told)
    nothing = await events(parts.chat, Ask((STRANGE,), tools=READ))
    assert text(nothing) == "Nothing in your collections answers this."


@pytest.mark.parametrize("files", [0, 12])
async def test_what_is_not_indexed_yet_is_said(parts: Parts, files: int) -> None:
    asked = Chat(parts.reach, parts.pool, parts.settings, lambda _: files)
    told = await events(asked, Ask((STRANGE,)))
    assert isinstance(told[0], Started)
    assert told[0].left_out.files == files
    assert text(told).startswith("Nothing in your collections answers this. Not all of your files")


def test_files_of_other_collections_are_not_counted() -> None:
    waiting = {"notes": 2, "vault": 5}

    def unfinished(asked: Sequence[str] | None) -> int:
        return sum(waiting[id] for id in (waiting if asked is None else asked) if id in waiting)

    narrowed = unfinished_within(unfinished, frozenset({"notes", "later"}))
    assert (narrowed(None), narrowed(["notes"])) == (2, 2)
    assert unfinished_within(unfinished, None)(None) == 7


async def test_nothing_is_said_of_indexing_without_collections(parts: Parts) -> None:
    asked = Chat(parts.reach, parts.pool, parts.settings, lambda _: 12)
    told = await events(asked, Ask((STRANGE,), collections=()))
    assert isinstance(told[0], Started)
    assert told[0].left_out.files is None
