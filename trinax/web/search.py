"""Search without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, NotRequired

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.answering.attaching import Search as Searching
from trinax.answering.reach import Reach
from trinax.answering.records import Allowance, Attachment
from trinax.index.records import Filter
from trinax.retrieval.records import Found, Query
from trinax.web.admission import visit
from trinax.web.declaring.attachments import AttachmentBody, attachments
from trinax.web.declaring.body import Body, Sought, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.wire import rendering

# Deep pages cost as much as all pages before them.
OFFSET_HIGH = 10_000
Glob = Annotated[str, Field(max_length=1000)]


class SearchFilter(Body):
    file_glob: Glob = ""
    language: str = ""


class SearchBody(Body):
    example: ClassVar[Mapping[str, Any]] = {"query": "settings of a search", "limit": 3}

    attaches: ClassVar[bool] = True

    query: Sought
    collections: list[str] | None = None
    mode: Literal["hybrid", "dense", "bm25"] = "hybrid"
    limit: Annotated[Whole, Field(ge=1, le=100)] = 10
    offset: Annotated[Whole, Field(ge=0, le=OFFSET_HIGH)] = 0
    filter: SearchFilter = SearchFilter()
    explain: bool = False
    merge: bool | None = None
    per_file: Annotated[Whole, Field(ge=0, le=100)] | None = None
    attachments: list[AttachmentBody] = Field([])


class SearchAnswer(TypedDict):
    """confidence, dropped: where `explain` was asked for."""

    query: str
    hits: list[rendering.Hit]
    timing: dict[str, float]
    confidence: NotRequired[float]
    dropped: NotRequired[list[rendering.Hit]]


@dataclass(frozen=True, slots=True)
class Search:
    reach: Reach

    def operations(self) -> list[Operation]:
        raises = (errors.CollectionNotFound, errors.StoreFailed, errors.AttachmentRefused)
        return [Operation("POST", "/v1/search", self.search, SearchAnswer, "search", raises)]

    async def search(self, request: Request, asked: SearchBody) -> Response:
        """Passages that answer a query best, found by words and by meaning."""
        query, sent = search_query(asked), attachments(asked.attachments)
        search = self.reach.within(caller(request).collections).retriever.search
        if sent:
            found = await self._with_attachments(query, sent, search, visit(request).allowance)
        else:
            found = await search(query)
        body: SearchAnswer = {
            "query": query.text,
            "hits": list(map(rendering.hit, found.ranked)),
            "timing": rendering.timing(found.timing_ms),
        }
        if query.explain:
            body["confidence"] = round(found.confidence, 4)
            body["dropped"] = list(map(rendering.hit, found.dropped))
        return JSONResponse(body)

    async def _with_attachments(
        self, query: Query, sent: Sequence[Attachment], search: Searching, allowance: Allowance
    ) -> Found:
        attached = await self.reach.attaching.taken(sent, allowance)
        # Of each ranking all that can stand on the page.
        to_the_end = replace(query, limit=query.offset + query.limit, offset=0)
        found = await self.reach.attaching.search(attached, search, to_the_end)
        return replace(found, ranked=found.ranked[query.offset :])


def search_query(asked: SearchBody) -> Query:
    file_glob, language = asked.filter.file_glob, asked.filter.language
    return Query(
        text=asked.query,
        collections=None if asked.collections is None else tuple(asked.collections),
        mode=asked.mode,
        limit=asked.limit,
        offset=asked.offset,
        filter=Filter(file_glob or None, language or None) if file_glob or language else None,
        explain=asked.explain,
        merge=asked.merge,
        per_file=asked.per_file,
    )
