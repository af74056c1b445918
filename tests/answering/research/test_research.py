import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.answering.writers import Endless, Parrot
from trinax.answering.records import Done, Started
from trinax.answering.research.records import (
    Inquiry,
    Planned,
    ResearchEvent,
    Retrieved,
    Writing,
)
from trinax.answering.research.research import Research
from trinax.answering.routing.route import REPORT
from trinax.app import Parts, open_parts
from trinax.errors import (
    CollectionNotFound,
    ContextLengthExceeded,
    InvalidRequest,
    ModelFailed,
    ModelNotFound,
)
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pool import Pool
from trinax.models.ports import Finish, Generation, GenerationEvent, Generator, Piece
from trinax.settings import Ingest, Settings
from trinax.settings import Research as ResearchSettings

Kind = TypeVar("Kind")

QUERY = "Where was the keeper of the lighthouse born and who built the lamp?"
KEEPER, LAMP = "Where was the keeper of the lighthouse born?", "Who built the lamp?"
STRANGE = "What did the parliament of Iceland decide on whaling?"
PLAN = json.dumps({"sub_questions": [KEEPER, LAMP]})


class Researcher(Parrot):
    """Plans where JSON is asked for, and else writes its text."""

    def __init__(self, text: str, missing: str | None = None, id: str = "parrot") -> None:
        super().__init__(text, id)
        self._missing = json.dumps({"missing": missing})

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        if generation.format is None:
            async with aclosing(super().generate(generation)) as events:
                async for event in events:
                    yield event
            return
        self.generations.append(generation)
        plans = "sub_questions" in generation.format.schema["properties"]
        yield Piece(PLAN if plans else self._missing)
        yield Finish("stop", 1, 1)

    @property
    def plans(self) -> list[Generation]:
        return [each for each in self.generations if each.format is not None]

    @property
    def reports(self) -> list[Generation]:
        return [each for each in self.generations if each.format is None]


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "keeper.md").write_text("The keeper of the lighthouse is called Marta Lindqvist.\n")
    (notes / "people.md").write_text("Marta Lindqvist was born in the village of Skudeneshavn.\n")
    (notes / "lamp.md").write_text("The lamp of the lighthouse was built by Henrik Aas.\n")
    (notes / "soup.md").write_text("Leek soup wants a long time on a small fire.\n")
    settings = Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0))
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        yield parts


def research(parts: Parts, *generators: Generator, **limits: Any) -> Research:
    settings = replace(parts.settings, research=replace(ResearchSettings(), **limits))
    if not generators:
        pool = parts.pool
    else:
        pool = Pool(Catalogue(parts.settings.models_dir), parts.settings.models, generators)
    return Research(parts.reach, parts.registry, pool, settings, parts.ingest.unfinished)


async def told(flow: Research, inquiry: Inquiry) -> list[ResearchEvent]:
    async with aclosing(flow.report(inquiry)) as events:
        return [event async for event in events]


def only(kind: type[Kind], events: list[ResearchEvent]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


def text(events: list[ResearchEvent]) -> str:
    return "".join(piece.text for piece in only(Piece, events))


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_a_report_is_planned_searched_for_written_judged(parts: Parts, depth: int) -> None:
    events = await told(research(parts), Inquiry(QUERY, depth))
    kinds = [type(event) for event in events]
    assert kinds[0] is Planned
    searched = kinds[: kinds.index(Writing)]
    assert set(searched) == {Planned, Retrieved}
    assert kinds[kinds.index(Writing) + 1] is Started
    assert kinds[-1] is Done
    (writing,) = only(Writing, events)
    passes = only(Retrieved, events)
    assert [each.number for each in passes] == list(range(1, len(passes) + 1))
    assert len(writing.gathered.passes) == len(passes)
    assert [each.question for each in writing.gathered.passes] == [e.question for e in passes]
    assert len({each.question for each in passes}) == len(passes)


async def test_the_built_in_answerer_quotes_what_each_part_brought_up(parts: Parts) -> None:
    events = await told(research(parts), Inquiry(QUERY, 3))
    (started,) = only(Started, events)
    files = {source.passage.file for source in started.sources}
    assert {"keeper.md", "people.md", "lamp.md"} <= files
    assert [source.n for source in started.sources] == list(range(1, len(started.sources) + 1))
    chunks = [source.passage.chunk.id for source in started.sources]
    assert len(set(chunks)) == len(chunks)
    assert only(Writing, events)[0].planned_by == ("rules",)


async def test_one_pass_needs_no_plan(parts: Parts) -> None:
    researcher = Researcher("Marta [1].")
    events = await told(research(parts, researcher), Inquiry(QUERY, 1))
    assert [each.sub_questions for each in only(Planned, events)] == [(QUERY,)]
    assert [each.planned_by for each in only(Writing, events)] == [()]
    assert researcher.plans == []
    assert researcher.reports[0].aspects == ()


async def test_a_model_that_writes_plans_too(parts: Parts) -> None:
    researcher = Researcher("Marta [1], they say [99].")
    events = await told(research(parts, researcher), Inquiry(QUERY, 2))
    assert only(Planned, events)[0] == Planned((QUERY, KEEPER, LAMP), ("parrot",))
    (writing,) = only(Writing, events)
    assert {KEEPER, LAMP} <= {each.question for each in writing.gathered.passes}
    assert (writing.model, writing.planned_by) == ("parrot", ("parrot",))
    assert "they say" in text(events)
    assert "99" not in text(events)
    (report,) = researcher.reports
    assert report.aspects == (KEEPER, LAMP)
    assert report.question == QUERY
    assert report.sampling.max_tokens == ResearchSettings().max_tokens


async def test_what_is_missing_is_searched_for_in_one_more_pass(parts: Parts) -> None:
    missing = "Where was Marta Lindqvist born?"
    researcher = Researcher("Yes [1].", missing)
    events = await told(research(parts, researcher), Inquiry(QUERY, 3))
    searched = [each.question for each in only(Retrieved, events)]
    assert any("Marta Lindqvist" in question for question in searched)
    (started,) = only(Started, events)
    assert "people.md" in {source.passage.file for source in started.sources}
    assert researcher.reports[0].aspects == (KEEPER, LAMP)


async def test_rules_plan_where_the_model_says_nothing_of_use(parts: Parts) -> None:
    events = await told(research(parts, Parrot("Marta [1].")), Inquiry(QUERY, 2))
    assert only(Writing, events)[0].planned_by == ("rules",)
    assert text(events).startswith("Marta")


async def test_research_is_work_for_the_deep_model(parts: Parts) -> None:
    fast, deep = Researcher("fast", id="small"), Researcher("deep", id="large")
    fast.info = replace(fast.info, roles=("fast", "general"))
    deep.info = replace(deep.info, roles=("deep",))
    flow = research(parts, fast, deep)
    (started,) = only(Started, await told(flow, Inquiry("keeper?", 1)))
    assert (started.route.kind, started.route.model) == ("complex", "large")
    assert (started.route.reasons[0], started.route.forced) == (REPORT, False)
    (started,) = only(Started, await told(flow, Inquiry("keeper?", 1, model="small")))
    assert (started.route.model, started.route.forced) == ("small", True)


async def test_without_time_one_search_is_written_up(parts: Parts) -> None:
    researcher = Researcher("Marta [1].")
    events = await told(research(parts, researcher, limit_s=0.0), Inquiry(QUERY, 3))
    assert len(only(Retrieved, events)) == len(only(Writing, events)[0].gathered.passes) == 1
    assert researcher.plans == []
    assert text(events).startswith("Marta")


async def test_no_more_passages_are_read_than_allowed(parts: Parts) -> None:
    events = await told(research(parts, passages=2), Inquiry(QUERY, 3))
    assert len(only(Started, events)[0].sources) == 2
    assert only(Writing, events)[0].gathered.left_out >= 1


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_nothing_relevant_needs_no_report_by_a_model(parts: Parts, depth: int) -> None:
    researcher = Researcher("yes")
    events = await told(research(parts, researcher), Inquiry(STRANGE, depth))
    assert text(events) == "Nothing in your collections answers this."
    assert only(Done, events)[0].grounding.verdict == "insufficient"
    assert only(Started, events)[0].sources == ()
    assert researcher.reports == []


@pytest.mark.parametrize(
    ("inquiry", "failure"),
    [
        (Inquiry(QUERY, model="gpt-9"), ModelNotFound),
        (Inquiry(QUERY, model="trinax-embed"), InvalidRequest),
        (Inquiry(QUERY, collections=("notes", "nowhere")), CollectionNotFound),
    ],
)
async def test_what_cannot_be_done_is_found_out_before_the_first_event(
    parts: Parts, inquiry: Inquiry, failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        await anext(research(parts).report(inquiry))


async def test_an_overlong_query_is_refused(parts: Parts) -> None:
    small = Parrot("yes", context_tokens=300)
    with pytest.raises(ContextLengthExceeded):
        await told(research(parts, small), Inquiry(QUERY + " lamp" * 500, model="parrot"))


async def test_a_model_that_breaks_ends_the_report(parts: Parts) -> None:
    broken = Parrot("a b c", failure=ModelFailed("parrot", "it broke"), fails_after=1)
    events = research(parts, broken).report(Inquiry(QUERY))
    while await anext(events) != Piece("a"):
        pass
    with pytest.raises(ModelFailed):
        await anext(events)


@pytest.mark.parametrize("last", [Planned, Retrieved, Writing, Started, Piece])
async def test_closing_the_report_stops_what_runs(parts: Parts, last: type) -> None:
    endless = Endless("")
    async with aclosing(research(parts, endless, limit_s=0.4).report(Inquiry(QUERY))) as events:
        async for event in events:
            if isinstance(event, last):
                break
    assert endless.stopped.is_set() or not endless.generations
