"""Research from the command line: the plan and its passes as they run, a report with footnotes."""

import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio

from trinax.answering.grounding.citations import cited
from trinax.cli import terminal
from trinax.cli.client import connect
from trinax.cli.indexing import settled
from trinax.cli.links import linking
from trinax.cli.passages import place, show_sources
from trinax.cli.running import Refused
from trinax.settings import Settings

RESEARCH = "/v1/research"
Body = Mapping[str, Any]

# Code is left as it is: `xs[0]` is no citation. A fence that nobody closes reaches to the end.
CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)
CITATION = re.compile(r"\[(\d{1,3})\]")


def research(
    settings: Settings, body: Body, collections: Sequence[str], aloud: bool
) -> dict[str, Any]:
    """The whole report. Its steps are told on stderr as they are taken; aloud: the answer is
    printed as it is written."""
    if collections:
        body = {**body, "collections": list(collections)}
    return anyio.run(_research, settings, body, collections, aloud)


def show_footnotes(settings: Settings, report: Mapping[str, Any]) -> None:
    """What the numbers in an answer stand for, and how far the answer can be trusted."""
    if footnotes := _cited(report):
        terminal.say()
        show_sources(footnotes, linking(settings))
    passes = f"{report['passes']} {'pass' if report['passes'] == 1 else 'passes'}"
    terminal.note(f"{report['grounding']['verdict']}, by {report['model']}, after {passes}")


def check(file: Path) -> None:
    """Before the work is done. Raises Refused where no report can be written."""
    if not file.parent.is_dir():
        raise Refused(f"There is no folder {file.parent} for {file.name}; make it and ask again.")


def write(file: Path, query: str, report: Mapping[str, Any]) -> None:
    """The report as Markdown, in place of what the file held, which is said.

    Raises Refused.
    """
    replaced = file.exists()
    try:
        file.write_text(markdown(query, report), "utf-8")
    except OSError as exc:
        raise Refused(f"{file} was not written: {exc.strerror}.") from exc
    terminal.note(f"{file} is {'replaced' if replaced else 'written'}.")


def markdown(query: str, report: Mapping[str, Any]) -> str:
    """A report with its citations as footnotes: file, lines and what stands there."""
    footnotes = _cited(report)
    numbers = {source["n"] for source in footnotes}
    parts = [f"# {' '.join(query.split())}", _with_footnotes(report["answer"], numbers)]
    parts += [_footnote(source, _quotes(source, report)) for source in footnotes]
    return "\n\n".join(map(terminal.plain, parts)) + "\n"


async def _research(
    settings: Settings, body: Body, collections: Sequence[str], aloud: bool
) -> dict[str, Any]:
    report: dict[str, Any] = {}
    planned: list[str] = []
    async with connect(settings) as client:
        await settled(client, collections)
        async with aclosing(client.stream(RESEARCH, {**body, "stream": True})) as frames:
            async for frame in frames:
                if "step" in frame:
                    terminal.note(_step(frame, planned))
                    planned = frame.get("sub_questions", planned)
                elif "delta" not in frame:
                    report = frame
                elif aloud:
                    terminal.say(frame["delta"], end="")
    if not report:
        raise Refused("The server ended the report before it was whole; its log says more.")
    if aloud:
        terminal.say()
    return report


def _step(frame: Mapping[str, Any], planned: Sequence[str]) -> str:
    """planned: sub-questions that were told before."""
    if frame["step"] == "plan":
        new = [each for each in frame["sub_questions"] if each not in planned]
        by = f" (by {', '.join(frame['planned_by'])})" if frame["planned_by"] else ""
        return "\n".join([f"plan{by}", *(f"  - {each}" for each in new)])
    if frame["step"] == "retrieve":
        found = f"{frame['found']} passages, {frame['new']} new"
        return f"pass {frame['pass']}: {frame['question']} ({found})"
    return f"{frame['model']} writes"


def _cited(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    numbers = set(cited(report["answer"]))
    return [source for source in report["sources"] if source["n"] in numbers]


def _with_footnotes(answer: str, numbers: set[int]) -> str:
    def marked(found: re.Match[str]) -> str:
        return f"[^{found[1]}]" if int(found[1]) in numbers else found[0]

    parts = CODE.split(answer)  # text and code in turn
    return "".join(
        part if index % 2 else CITATION.sub(marked, part) for index, part in enumerate(parts)
    )


def _quotes(source: Mapping[str, Any], report: Mapping[str, Any]) -> list[str]:
    """What of the source carries the answer's sentences, each once; the snippet if that is not
    known."""
    spans = [span for one in report["grounding"]["support"] for span in one.get("spans", ())]
    quotes = dict.fromkeys(span["quote"] for span in spans if span["n"] == source["n"])
    return [*quotes] or [source["snippet"]]


def _footnote(source: Mapping[str, Any], quotes: Sequence[str]) -> str:
    where = " ".join(place(source).split())
    ticks = "`" * (1 + max(map(len, re.findall("`+", where)), default=0))
    # As code, for text of documents is shown and not obeyed, here by who displays Markdown.
    blocks = ["\n".join(f"        {line}" for line in quote.splitlines()) for quote in quotes]
    return "\n\n".join([f"[^{source['n']}]: {ticks}{where}{ticks}", *blocks])
