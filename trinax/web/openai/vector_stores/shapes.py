"""Vector stores and what a search finds in them, as JSON."""

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict

from trinax.ingest.records import Status
from trinax.retrieval.records import Ranked
from trinax.web.openai.vector_stores.filters import Attribute, attributes


class StoreContent(TypedDict):
    type: Literal["text"]
    text: str


class StoreResult(TypedDict):
    """file_id: as in the citations of a response. filename: relative to the collection. score: in
    [0, 1], comparable between queries. content: one passage of the file."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, Attribute]
    content: list[StoreContent]


class StoreResults(TypedDict):
    """All of them are on one page."""

    object: Literal["vector_store.search_results.page"]
    search_query: list[str]
    data: list[StoreResult]
    has_more: Literal[False]
    next_page: None


class StoreFileCounts(TypedDict):
    """completed: indexed. in_progress: that wait to be."""

    in_progress: int
    completed: int
    failed: int
    cancelled: int
    total: int


class VectorStore(TypedDict):
    """A collection. usage_bytes: of its files."""

    id: str
    object: Literal["vector_store"]
    created_at: int
    name: str
    usage_bytes: int
    file_counts: StoreFileCounts
    status: Literal["in_progress", "completed"]
    last_active_at: None
    expires_after: None
    expires_at: None
    metadata: dict[str, str]


class VectorStoreList(TypedDict):
    object: Literal["list"]
    data: list[VectorStore]
    first_id: str | None
    last_id: str | None
    has_more: bool


def results(queries: Sequence[str], ranked: Sequence[Ranked]) -> StoreResults:
    return {
        "object": "vector_store.search_results.page",
        "search_query": list(queries),
        "data": list(map(_result, ranked)),
        "has_more": False,
        "next_page": None,
    }


def store(status: Status) -> VectorStore:
    counts: StoreFileCounts = {
        "in_progress": status.queued,
        "completed": status.indexed,
        "failed": status.failed,
        "cancelled": 0,
        "total": status.queued + status.indexed + status.failed,
    }
    return {
        "id": status.id,
        "object": "vector_store",
        "created_at": 0,
        "name": status.id,
        "usage_bytes": status.bytes,
        "file_counts": counts,
        "status": "in_progress" if status.state == "indexing" else "completed",
        "last_active_at": None,
        "expires_after": None,
        "expires_at": None,
        "metadata": {},
    }


def _result(ranked: Ranked) -> StoreResult:
    passage = ranked.passage
    return {
        "file_id": f"{passage.collection}/{passage.file}",
        "filename": passage.file,
        "score": round(ranked.score, 6),
        "attributes": attributes(passage),
        "content": [{"type": "text", "text": passage.chunk.text}],
    }
