"""SearXNG, by its JSON API: https://docs.searxng.org/dev/search_api.html."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from trinax.errors import WebSearchFailed
from trinax.websearch.answers import Question, answer, rows
from trinax.websearch.connection import Connection
from trinax.websearch.records import Results, result, results

NAME = "searxng"
REFUSALS: Mapping[int, str] = {
    HTTPStatus.FORBIDDEN: "it gives no JSON; add json to search.formats in its settings.yml",
    HTTPStatus.NOT_FOUND: "it has no /search; see web.url",
}


class SearxngProvider:
    def __init__(
        self, connection: Connection, url: str, engines: Sequence[str], timeout_s: float
    ) -> None:
        """url: of its start page."""
        self._connection = connection
        self._url = url.rstrip("/")
        self._engines = ",".join(engines)
        self._timeout_s = timeout_s

    async def search(self, query: str, limit: int) -> Results:
        parameters = {"q": query, "format": "json"}
        if self._engines:
            parameters["engines"] = self._engines
        url = f"{self._url}/search"
        question = Question(NAME, url, parameters, {}, REFUSALS, self._timeout_s)
        said = await answer(self._connection, question)
        found = [
            result(row.get("title"), row.get("url"), row.get("content"), row.get("publishedDate"))
            for row in rows(said.get("results"))
        ]
        silent = said.get("unresponsive_engines")
        if not found and silent:
            raise WebSearchFailed(NAME, f"none of its engines answered, {_names(silent)} failed")
        return results(NAME, found, limit)


def _names(silent: object) -> str:
    """silent: pairs of an engine's name and what went wrong."""
    pairs = [pair for pair in silent if isinstance(pair, list)] if isinstance(silent, list) else []
    return ", ".join(str(pair[0])[:40] for pair in pairs[:5] if pair) or "all"
