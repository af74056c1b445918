"""The tool that writes a report with citations."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
from pydantic import Field
from typing_extensions import TypedDict

from trinax.access.policy import Caller
from trinax.answering.grounding.citations import cited
from trinax.answering.records import Verdict
from trinax.answering.research.records import (
    Inquiry,
    Planned,
    ResearchEvent,
    Retrieved,
    Writing,
)
from trinax.answering.research.research import Research
from trinax.models.ports import Turn
from trinax.web.agents.tool import Answer, Step, Tool, lines_of
from trinax.web.declaring.body import Body, Sought, Whole
from trinax.web.research import DEFAULT_DEPTH, ResearchReport, whole
from trinax.web.wire.rendering import Source

DESCRIPTION = """\
Answer a broad or many-sided question about the user's own files: it is split into sub-questions, \
each is searched for, and one report is written whose [n] cite file and lines. It takes seconds to \
minutes, depending on the server's model, and reports progress. For one fact or a lookup use \
search, which is immediate. The verdict says how far the files support the report; insufficient \
means that they do not hold the answer."""


class ResearchArguments(Body):
    """query: the question, in full. depth: 1 is one search, 2 one for each of two to four
    sub-questions, 3 one more for what is still missing. collections: ids, as list_collections gives
    them; all collections if left out."""

    query: Sought
    depth: Annotated[Whole, Field(ge=1, le=3)] = DEFAULT_DEPTH
    collections: list[str] | None = None


class ResearchSource(TypedDict):
    """n: as [n] in the report cites it."""

    n: int
    collection: str
    file: str
    start_line: int
    end_line: int
    page: int | None
    chunk_id: str
    snippet: str


class ResearchGiven(TypedDict):
    """sources: those that the answer cites. passes: searches that were run."""

    answer: str
    verdict: Verdict
    sources: list[ResearchSource]
    sub_questions: list[str]
    passes: int
    model: str


@dataclass(frozen=True, slots=True)
class ResearchTool:
    research: Research

    @property
    def tool(self) -> Tool:
        return Tool(
            "research",
            "Research a question",
            DESCRIPTION,
            ResearchArguments,
            ResearchGiven,
            "research",
            self.report,
        )

    async def report(
        self, caller: Caller, asked: ResearchArguments
    ) -> AsyncGenerator[Step | Answer]:
        collections = tuple(asked.collections or ()) or None
        # What is asked here is not counted against a plan.
        turn = Turn(key=caller.key, paid=not caller.plan)
        wanted = Inquiry(asked.query, asked.depth, collections=collections, turn=turn)
        told: list[ResearchEvent] = []
        research = self.research.within(caller.collections, caller.models)
        async with aclosing(research.report(wanted)) as events:
            async for event in events:
                told.append(event)
                if message := _told(event):
                    yield Step(message)
        yield answer(await anyio.to_thread.run_sync(whole, wanted, told))


def _told(event: ResearchEvent) -> str:
    """For a person who waits."""
    match event:
        case Planned(sub_questions):
            return f"Planned: {'; '.join(sub_questions)}"
        case Retrieved(number, question, found, new):
            return f"Search {number}: {question} ({found} passages, {new} new)"
        case Writing(model):
            return f"{model} writes the report"
    return ""


def answer(report: ResearchReport) -> Answer:
    numbers = set(cited(report["answer"]))
    sources = [source for source in report["sources"] if source["n"] in numbers]
    given: ResearchGiven = {
        "answer": report["answer"],
        "verdict": report["grounding"]["verdict"],
        "sources": list(map(_source, sources)),
        "sub_questions": report["sub_questions"],
        "passes": report["passes"],
        "model": report["model"],
    }
    footnotes = [
        f"[{source['n']}] {source['file']}{lines_of(source['start_line'], source['end_line'])} "
        f"(collection {source['collection']}, chunk_id {source['chunk_id']})"
        for source in given["sources"]
    ]
    about = f"Verdict: {given['verdict']}. Written by {given['model']}."
    return Answer("\n\n".join([given["answer"], "\n".join([*footnotes, about])]), {**given})


def _source(source: Source) -> ResearchSource:
    return {
        "n": source["n"],
        "collection": source["collection_id"],
        "file": source["file"],
        "start_line": source["start_line"],
        "end_line": source["end_line"],
        "page": source["page"],
        "chunk_id": source["chunk_id"],
        "snippet": source["snippet"],
    }
