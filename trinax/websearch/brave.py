"""Brave's Search API, with a key: https://api-dashboard.search.brave.com/documentation."""

import re
from collections.abc import Mapping
from html import unescape
from http import HTTPStatus

from trinax.errors import WebSearchFailed
from trinax.websearch.answers import Question, answer, rows
from trinax.websearch.connection import Connection
from trinax.websearch.records import Results, result, results

NAME = "brave"
URL = "https://api.search.brave.com"
# Its own limits.
RESULTS_LIMIT = 20
QUERY_LIMIT_WORDS = 50
KEY_REFUSED = "it refuses web.key"
REFUSALS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: KEY_REFUSED,
    HTTPStatus.FORBIDDEN: KEY_REFUSED,
    HTTPStatus.PAYMENT_REQUIRED: "the plan of web.key is used up",
    HTTPStatus.UNPROCESSABLE_ENTITY: "it refuses the query or web.key",
}
# Marks the words that were found, even where no marks are asked for.
DECORATION = re.compile(r"</?strong>")


class BraveProvider:
    def __init__(self, connection: Connection, key: str, timeout_s: float, url: str = URL) -> None:
        """url: another server that speaks this API."""
        self._connection = connection
        self._key = key
        self._timeout_s = timeout_s
        self._url = url

    async def search(self, query: str, limit: int) -> Results:
        words = " ".join(query.split()[:QUERY_LIMIT_WORDS])
        question = Question(
            NAME,
            f"{self._url}/res/v1/web/search",
            {
                "q": words,
                "count": str(min(limit, RESULTS_LIMIT)),
                "result_filter": "web",
                "text_decorations": "false",
            },
            {"x-subscription-token": self._key},
            REFUSALS,
            self._timeout_s,
        )
        said = await answer(self._connection, question)
        # A search that found nothing has no "web" at all.
        web = said.get("web", {})
        if not isinstance(web, Mapping):
            raise WebSearchFailed(NAME, "its JSON is not what it documents")
        found = [
            result(
                _plain(row.get("title")),
                row.get("url"),
                _plain(row.get("description")),
                row.get("page_age"),
            )
            for row in rows(web.get("results"))
        ]
        return results(NAME, found, limit)


def _plain(text: object) -> str:
    return unescape(DECORATION.sub("", text)) if isinstance(text, str) else ""
