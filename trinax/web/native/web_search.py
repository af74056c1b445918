"""The web's search results, as the configured provider gives them."""

from dataclasses import dataclass
from typing import Annotated, NotRequired

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.errors import WebSearchOff
from trinax.web.admission import visit
from trinax.web.declaring.body import Body, Whole
from trinax.web.declaring.operation import Operation
from trinax.websearch.records import Result
from trinax.websearch.web import QUERY_LIMIT_CHARACTERS, Web

FAILURES = (errors.WebSearchOff, errors.WebSearchFailed, errors.Busy, errors.QuotaExceeded)


class WebSearchBody(Body):
    query: Annotated[str, Field(pattern=r"\S", max_length=QUERY_LIMIT_CHARACTERS)]
    limit: Annotated[Whole, Field(ge=1, le=20)] = 10


class WebResult(TypedDict):
    """published: as the provider writes it, where it says."""

    title: str
    url: str
    snippet: str
    published: NotRequired[str]


class WebSearchAnswer(TypedDict):
    results: list[WebResult]
    provider: str


@dataclass(frozen=True, slots=True)
class WebSearch:
    """web: None where it is off."""

    web: Web | None

    def operations(self) -> list[Operation]:
        path = "/api/v1/web-search"
        return [Operation("POST", path, self.search, WebSearchAnswer, "search", FAILURES)]

    async def search(self, request: Request, asked: WebSearchBody) -> Response:
        """Titles, addresses and snippets; no page is fetched."""
        if self.web is None:
            raise WebSearchOff
        await visit(request).spend("web_search")
        found = await self.web.search(asked.query, asked.limit)
        answer: WebSearchAnswer = {
            "results": list(map(_shown, found.results)),
            "provider": found.provider,
        }
        return JSONResponse(answer)


def _shown(result: Result) -> WebResult:
    shown: WebResult = {"title": result.title, "url": result.url, "snippet": result.snippet}
    if result.published is not None:
        shown["published"] = result.published
    return shown
