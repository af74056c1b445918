"""What the routes of collections take and give."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from trinax.ingest import whereabouts
from trinax.ingest.manager import Taken
from trinax.ingest.records import LISTED, Failure, State, Status
from trinax.ingest.uploads import Refused
from trinax.web.declaring.body import COLLECTION_ID, Body, Query, Words

Id = Annotated[str, Field(pattern=COLLECTION_ID)]

# Of each list of a status, where nobody asks for more.
LISTED_FIRST = 100


class NewCollection(Body):
    """id: of a collection that may exist already if a root is named. root: the absolute path, on
    the server, of a folder that becomes part of it; without one an empty folder is made."""

    id: Id
    root: Words | None = None


class Renamed(Body):
    """id: the new one."""

    id: Id


class Following(Query):
    """stream: the same again whenever it changes, as events, until the client goes; so does the
    header "Accept: text/event-stream"."""

    stream: bool = False


class Inspecting(Following):
    """listed: how many of failures and of left_out an answer has at most; events have 100."""

    listed: int = Field(LISTED_FIRST, ge=0, le=LISTED)


class Located(Query):
    """path: absolute, of a file or folder on the server."""

    path: Words


class CollectionFiles(TypedDict):
    """skipped: left out by rule. failed: could not be read."""

    indexed: int
    skipped: int
    failed: int
    total: int


class CollectionQueue(TypedDict):
    files: int


class FileReason(TypedDict):
    file: str
    reason: str


class CollectionStatus(TypedDict):
    """eta_s: seconds to the end of the indexing; null when idle or not yet known. failures,
    left_out: the first of them; left_out also says what of an indexed file could not be read.
    missed: how many of all that is left out, and stands first, someone may look for in vain.
    problem: why the state is "failed" or "paused", else empty.
    notice: what to know for now, as while another model embeds all anew, or where changes are seen
    late, else empty."""

    id: str
    state: State
    files: CollectionFiles
    chunks: int
    bytes: int
    queue: CollectionQueue
    eta_s: float | None
    failures: list[FileReason]
    left_out: list[FileReason]
    missed: int
    problem: str
    notice: str


class RefusedFolder(TypedDict):
    folder: str
    reason: str


class CollectionList(TypedDict):
    """refused: folders that are no collection, and why."""

    collections: list[CollectionStatus]
    refused: list[RefusedFolder]


class PlaceFiles(TypedDict):
    """skipped: left out by rule."""

    indexed: int
    waiting: int
    failed: int
    skipped: int


class FilePlace(TypedDict):
    """collection: null where the state is "outside". file: its name there; a folder's ends in "/".
    state: "gone" is there no more. reason: why, or what of it is not in the index. chunks, mtime:
    what is indexed; mtime is the latest change, in seconds since 1970, null where there is none."""

    collection: str | None
    file: str
    state: whereabouts.State
    reason: str
    files: PlaceFiles
    chunks: int
    mtime: float | None


class FilePlaces(TypedDict):
    """places: one of each collection that the path is part of, else one that is outside."""

    places: list[FilePlace]


class DeletedCollection(TypedDict):
    """moved_to: where its own folder is now, below the collections folder; null if it had none."""

    id: str
    deleted: Literal[True]
    moved_to: str | None


class DeletedFile(TypedDict):
    id: str
    file: str
    deleted: Literal[True]


class UploadedFile(TypedDict):
    file: str
    bytes: int
    outcome: Literal["added", "replaced", "unchanged"]


class Upload(TypedDict):
    """refused: the files that were not taken, and why."""

    id: str
    files: list[UploadedFile]
    refused: list[FileReason]


class ImportedArchive(TypedDict):
    """added, replaced, unchanged: how many files. vectors: how many came with the archive and fit
    the embedder here; what else there is gets embedded."""

    id: str
    added: int
    replaced: int
    unchanged: int
    vectors: int
    refused: list[FileReason]


def status(found: Status, busy: bool, listed: int = LISTED_FIRST) -> CollectionStatus:
    """listed: of failures and of left_out, at most."""
    return {
        "id": found.id,
        "state": "indexing" if busy and found.state == "idle" else found.state,
        "files": {
            "indexed": found.indexed,
            "skipped": found.skipped,
            "failed": found.failed,
            "total": found.total,
        },
        "chunks": found.chunks,
        "bytes": found.bytes,
        "queue": {"files": found.queued},
        "eta_s": found.eta_s,
        "failures": reasons(found.failures[:listed]),
        "left_out": reasons(found.left_out[:listed]),
        "missed": found.missed,
        "problem": found.problem,
        "notice": found.notice,
    }


def place(found: whereabouts.Whereabouts) -> FilePlace:
    return {
        "collection": found.collection or None,
        "file": found.name,
        "state": found.state,
        "reason": found.reason,
        "files": {
            "indexed": found.indexed,
            "waiting": found.waiting,
            "failed": found.failed,
            "skipped": found.left_out,
        },
        "chunks": found.chunks,
        "mtime": found.mtime_s,
    }


def reasons(failures: Sequence[Failure | Refused]) -> list[FileReason]:
    return [{"file": one.file, "reason": one.reason} for one in failures]


def upload(collection: str, taken: Taken, refused: Sequence[Refused]) -> Upload:
    """refused: before they were to be put anywhere."""
    return {
        "id": collection,
        "files": [
            {"file": one.file, "bytes": one.size_bytes, "outcome": one.outcome}
            for one in taken.placed
        ],
        "refused": reasons([*refused, *taken.refused]),
    }


def archive(collection: str, taken: Taken) -> ImportedArchive:
    outcomes = [one.outcome for one in taken.placed]
    return {
        "id": collection,
        "added": outcomes.count("added"),
        "replaced": outcomes.count("replaced"),
        "unchanged": outcomes.count("unchanged"),
        "vectors": taken.vectors,
        "refused": reasons(taken.refused),
    }
