"""The tool that says what there is to search."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from typing_extensions import TypedDict

from trinax.access.policy import Caller
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import State, Status
from trinax.web.agents.tool import Answer, Step, Tool
from trinax.web.declaring.body import Body
from trinax.web.statuses import Statuses

DESCRIPTION = """\
List the collections of the user's files that can be searched: id, number of files, and whether \
indexing is still under way (then a search may miss something). Their ids are what the other tools \
take as collections. Searching all of them needs no listing."""


class ListArguments(Body):
    pass


class ListedCollection(TypedDict):
    """files: that are indexed. waiting: files that are not yet. failed: files that could not be
    read."""

    id: str
    state: State
    files: int
    chunks: int
    waiting: int
    failed: int


class ListGiven(TypedDict):
    collections: list[ListedCollection]


@dataclass(frozen=True, slots=True)
class ListTool:
    ingest: Ingest

    @property
    def tool(self) -> Tool:
        return Tool(
            "list_collections",
            "List the collections",
            DESCRIPTION,
            ListArguments,
            ListGiven,
            "browse",
            self.collections,
        )

    async def collections(
        self, caller: Caller, asked: ListArguments
    ) -> AsyncGenerator[Step | Answer]:
        rows = [self._row(status) for status in Statuses(self.ingest, caller).all()]
        given: ListGiven = {"collections": rows}
        yield Answer("\n".join(map(_line, rows)) or "There are no collections yet.", {**given})

    def _row(self, status: Status) -> ListedCollection:
        busy = status.state == "idle" and self.ingest.busy(status.id)
        return {
            "id": status.id,
            "state": "indexing" if busy else status.state,
            "files": status.indexed,
            "chunks": status.chunks,
            "waiting": status.queued,
            "failed": status.failed,
        }


def _line(row: ListedCollection) -> str:
    waiting = f", {row['waiting']} files waiting" if row["waiting"] else ""
    failed = f", {row['failed']} unreadable" if row["failed"] else ""
    return f"{row['id']}: {row['files']} files ({row['state']}{waiting}{failed})"
