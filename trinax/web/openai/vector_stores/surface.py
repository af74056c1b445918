"""Vector stores as OpenAI's clients search and list them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.errors import InvalidRequest
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import Status
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Found, Query, Ranked
from trinax.retrieval.retriever import Retriever
from trinax.web.declaring.operation import Operation, caller
from trinax.web.openai.vector_stores import shapes
from trinax.web.openai.vector_stores.body import StoreSearchBody, StoresQuery
from trinax.web.openai.vector_stores.filters import attributes, check, passes
from trinax.web.statuses import Statuses
from trinax.web.wire.headers import ignored

# A filter that lets little through has more passages looked at, up to so many.
SEARCHED_LIMIT = 10_000
GROWTH = 8


@dataclass(frozen=True, slots=True)
class VectorStores:
    """confidence_threshold: see retrieval.merging."""

    retriever: Retriever
    ingest: Ingest
    confidence_threshold: float

    def operations(self) -> list[Operation]:
        every, one = "/v1/vector_stores", "/v1/vector_stores/{id}"
        unknown = (errors.CollectionNotFound,)
        failures = (*unknown, errors.StoreFailed, errors.ModelFailed)
        results, listed, store = shapes.StoreResults, shapes.VectorStoreList, shapes.VectorStore
        return [
            Operation("POST", f"{one}/search", self.search, results, "search", failures),
            Operation("GET", every, self.all, listed, "browse"),
            Operation("GET", one, self.one, store, "browse", unknown),
        ]

    async def search(self, request: Request, asked: StoreSearchBody) -> Response:
        """Passages of a collection that answer a query best, found by words and by meaning."""
        if asked.filters:
            check(asked.filters)
        collection, reachable = request.path_params["id"], caller(request).collections
        seen = replace(self, retriever=self.retriever.within(reachable))
        ranked = await anyio.to_thread.run_sync(seen._ranked, collection, asked)
        body = shapes.results(asked.queries, ranked)
        return JSONResponse(body, headers=ignored(asked.ignored))

    async def all(self, request: Request, asked: StoresQuery) -> Response:
        """The collections, each as a vector store."""
        statuses = Statuses(self.ingest, caller(request)).all()
        page, more = _page(statuses if asked.order == "asc" else statuses[::-1], asked)
        body: shapes.VectorStoreList = {
            "object": "list",
            "data": list(map(shapes.store, page)),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
            "has_more": more,
        }
        return JSONResponse(body)

    async def one(self, request: Request) -> Response:
        """A collection as a vector store."""
        statuses = Statuses(self.ingest, caller(request))
        return JSONResponse(shapes.store(statuses.of(request.path_params["id"])))

    def _ranked(self, collection: str, asked: StoreSearchBody) -> list[Ranked]:
        searches = [self._found(text, collection, asked) for text in asked.queries]
        best = merged(searches, asked.max_num_results, self.confidence_threshold).ranked
        threshold = asked.ranking_options.score_threshold
        return [each for each in best if each.score >= threshold]

    def _found(self, text: str, collection: str, asked: StoreSearchBody) -> Found:
        """What passes the filters, as many as are wanted if there are."""
        limit, condition = asked.max_num_results, asked.filters
        while True:
            found = self.retriever.found(Query(text, (collection,), limit=limit))
            if condition is None:
                return found
            passing = tuple(
                each for each in found.ranked if passes(condition, attributes(each.passage))
            )
            enough = len(passing) >= asked.max_num_results
            if enough or len(found.ranked) < limit or limit == SEARCHED_LIMIT:
                return replace(found, ranked=passing)
            limit = min(limit * GROWTH, SEARCHED_LIMIT)


def _page(statuses: Sequence[Status], asked: StoresQuery) -> tuple[Sequence[Status], bool]:
    """What lies between the cursors, and whether there is more in the direction of the page."""
    ids = [status.id for status in statuses]
    start = _place(ids, asked.after, "after") + 1 if asked.after else 0
    if not asked.before:
        end = start + asked.limit
        return statuses[start:end], end < len(statuses)
    end = _place(ids, asked.before, "before")
    first = max(start, end - asked.limit)
    return statuses[first:end], first > start


def _place(ids: Sequence[str], cursor: str, param: str) -> int:
    if cursor not in ids:
        raise InvalidRequest(f"{param!r} must be the id of a vector store.", param)
    return ids.index(cursor)
