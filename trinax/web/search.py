"""Search without a model."""

from dataclasses import dataclass
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.index.records import Filter
from trinax.retrieval.records import Mode, Query
from trinax.retrieval.retriever import Retriever
from trinax.web import rendering
from trinax.web.bodies import Fields, json_object

LIMIT = 10
LIMIT_HIGH = 100
# Deep pages cost as much as all pages before them.
OFFSET_HIGH = 10_000


@dataclass(frozen=True, slots=True)
class Search:
    retriever: Retriever
    body_limit_bytes: int

    async def search(self, request: Request) -> Response:
        query = search_query(await json_object(request, self.body_limit_bytes))
        found = await self.retriever.search(query)
        body: rendering.Json = {
            "query": query.text,
            "hits": list(map(rendering.hit, found.ranked)),
            "timing": rendering.timing(found.timing_ms),
        }
        if query.explain:
            body["confidence"] = round(found.confidence, 4)
            body["dropped"] = list(map(rendering.hit, found.dropped))
        return JSONResponse(body)


def search_query(body: Fields) -> Query:
    """Raises InvalidRequest, naming the field."""
    filter = body.object("filter")
    file_glob, language = filter.text("file_glob", ""), filter.text("language", "")
    return Query(
        text=body.text("query"),
        collections=body.texts("collections"),
        mode=cast(Mode, body.one_of("mode", get_args(Mode), "hybrid")),
        limit=body.integer("limit", 1, LIMIT_HIGH) or LIMIT,
        offset=body.integer("offset", 0, OFFSET_HIGH) or 0,
        filter=Filter(file_glob or None, language or None) if file_glob or language else None,
        explain=body.flag("explain"),
    )
