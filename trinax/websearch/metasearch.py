"""Public search engines without a key, by ddgs."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import anyio
import anyio.to_thread

from trinax.errors import WebSearchFailed
from trinax.websearch.records import Results, result, results

NAME = "ddgs"
# It asks a few engines at once and then, if these do not suffice, a few others.
ROUNDS = 2


class DdgsProvider:
    def __init__(self, engines: Sequence[str], timeout_s: float) -> None:
        """engines: by ddgs's names; none for all that it knows."""
        self._engines = tuple(engines)
        self._timeout_s = timeout_s

    async def search(self, query: str, limit: int) -> Results:
        try:
            with anyio.fail_after(self._timeout_s):
                rows = await anyio.to_thread.run_sync(
                    self._rows, query, limit, abandon_on_cancel=True
                )
        except TimeoutError as exc:
            raise WebSearchFailed(NAME, f"it took longer than {self._timeout_s:g} s") from exc
        found = [result(row.get("title"), row.get("href"), row.get("body")) for row in rows]
        return results(NAME, found, limit)

    def _rows(self, query: str, limit: int) -> list[dict[str, Any]]:
        # It takes 0.3 s to import, which a server that nobody asks for the web need not wait for.
        from ddgs import DDGS
        from ddgs.engines import ENGINES
        from ddgs.exceptions import DDGSException

        # It would ask all engines instead of one that it does not know.
        if unknown := {*self._engines} - {*ENGINES["text"]}:
            known = ", ".join(sorted(ENGINES["text"]))
            reason = f"it has no engine {min(unknown)!r} (web.engines); it has {known}"
            raise WebSearchFailed(NAME, reason)
        search = DDGS(timeout=max(1, ceil(self._timeout_s / ROUNDS)))
        backend = ",".join(self._engines) or "auto"
        try:
            return search.text(query, max_results=limit, backend=backend)
        except DDGSException as exc:
            # Raised around the failure of an engine, and also for having found nothing.
            if exc.args and isinstance(exc.args[0], Exception):
                raise WebSearchFailed(NAME, "the search engines could not be reached") from exc
            return []
