"""The tool that reads a file, or the place of a passage in it."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from trinax.access.policy import Caller
from trinax.errors import ChunkNotFound
from trinax.index.ledger import Retired
from trinax.web.agents.tool import ANSWER_CHARACTERS, Answer, Step, Tool, lines_of
from trinax.web.declaring.body import Body, Whole
from trinax.web.sources.freshness import Checked, Freshness
from trinax.web.sources.reading import Reading, lines

DESCRIPTION = """\
Read an indexed file with line numbers, whole or from start_line to end_line. Use it after search, \
to see what stands around a passage or to check a quote: give collection and file as search names \
them, or only a chunk_id, which finds the passage where it stands now, even in a file that has \
changed or was renamed. Long files come in parts: go on at next_line."""

# Of a line's number and the ends around it.
NUMBER_CHARACTERS = 8

Line = Annotated[Whole, Field(ge=1, le=2**31 - 1)]


class ReadArguments(Body):
    """collection: the one that the file is in. file: its path in the collection, as search gives
    it. chunk_id: a passage's id from search, in place of collection and file. start_line: from 1.
    end_line: included; the end of the file if left out."""

    collection: str | None = None
    file: str | None = None
    chunk_id: str | None = None
    start_line: Line | None = None
    end_line: Line | None = None


class ReadGiven(TypedDict):
    """text: lines start_line to end_line, without numbers. next_line: where to go on; null at the
    end of the file. note: what a reader should know about it; "" if nothing."""

    collection: str
    file: str
    start_line: int
    end_line: int
    total_lines: int
    next_line: int | None
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """Of a file. first: the number of the first of the lines. total: lines of the whole file."""

    collection: str
    file: str
    lines: Sequence[str]
    first: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadTool:
    reading: Reading
    freshness: Freshness

    @property
    def tool(self) -> Tool:
        return Tool(
            "read_source",
            "Read an indexed file",
            DESCRIPTION,
            ReadArguments,
            ReadGiven,
            "browse",
            self.read,
        )

    async def read(self, caller: Caller, asked: ReadArguments) -> AsyncGenerator[Step | Answer]:
        seen = ReadTool(
            self.reading.within(caller.collections), self.freshness.within(caller.collections)
        )
        if asked.chunk_id:
            yield answer(await seen._around(asked, asked.chunk_id))
        elif asked.collection and asked.file:
            yield answer(await seen._part(asked, asked.collection, asked.file))
        else:
            missing = "file" if asked.collection else "collection"
            asked.refuse(missing, "given, or a chunk_id in place of collection and file")

    async def _part(self, asked: ReadArguments, collection: str, file: str) -> Part:
        document = await self.reading.document(collection, file)
        every = lines(document.text)
        first, last = asked.start_line or 1, asked.end_line or len(every)
        if first > max(len(every), 1):
            asked.refuse("start_line", f"at most {len(every)}, the number of lines of {file!r}")
        if last < first:
            asked.refuse("end_line", "at least start_line")
        return Part(collection, file, every[first - 1 : last], first, len(every))

    async def _around(self, asked: ReadArguments, chunk_id: str) -> Part:
        checked = await self.freshness.check(chunk_id)
        if checked.now is None:
            return _as_cited(checked)
        now = checked.now
        first, last = asked.start_line or now.start_line, asked.end_line or now.end_line
        placed = asked.model_copy(update={"start_line": first, "end_line": max(first, last)})
        return await self._part(placed, now.collection, now.file)


def answer(part: Part) -> Answer:
    shown = _fitting(part)
    last = part.first + len(shown) - 1
    note = " ".join(filter(None, [part.note, _shortened(part, shown)]))
    given: ReadGiven = {
        "collection": part.collection,
        "file": part.file,
        "start_line": part.first,
        "end_line": last,
        "total_lines": part.total,
        "next_line": last + 1 if last < part.total else None,
        "text": "\n".join(shown),
        "note": note,
    }
    place = f"{part.file}{lines_of(part.first, last)}" if shown else part.file
    head = f"{place} (collection {part.collection}, {part.total} lines)"
    numbered = [f"{number:6}\t{line}" for number, line in enumerate(shown, part.first)]
    return Answer("\n".join([head, *numbered, *([note] if note else [])]), {**given})


def _fitting(part: Part) -> list[str]:
    """The first lines that fit an answer; of a first line that does not, its beginning."""
    fitting: list[str] = []
    room = ANSWER_CHARACTERS
    for line in part.lines:
        room -= len(line) + NUMBER_CHARACTERS
        if room < 0:
            return fitting or [line[:ANSWER_CHARACTERS]]
        fitting.append(line)
    return fitting


def _shortened(part: Part, shown: Sequence[str]) -> str:
    """What a reader misses of the part, in words."""
    notes = []
    if shown and shown[0] != part.lines[0]:
        notes.append(f"Line {part.first} has {len(part.lines[0])} characters and is cut.")
    if len(shown) < len(part.lines):
        notes.append(f"It is long; go on with start_line {part.first + len(shown)}.")
    return " ".join(notes)


def _as_cited(checked: Checked) -> Part:
    """What the index still holds of a passage that its file has no more."""
    cited = checked.cited
    if isinstance(cited, Retired):
        raise ChunkNotFound(cited.chunk_id)
    words = {"changed": "has changed since and no longer says this", "gone": "is gone"}
    note = f"The file {words.get(checked.status, 'is another')}; this is what was indexed."
    kept = lines(cited.chunk.text)
    return Part(
        cited.collection, cited.file, kept, cited.chunk.start_line, cited.chunk.end_line, note
    )
