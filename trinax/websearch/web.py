"""The web, searched and read for a question."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import anyio.to_thread

from trinax.documents.chunking import Limits
from trinax.embedding.ports import Embedder
from trinax.errors import TrinaxError
from trinax.retrieval import followup, searching
from trinax.retrieval.ephemeral import Page, Shelf, passages
from trinax.retrieval.records import Found, Query
from trinax.settings import Settings
from trinax.websearch.failures import PageFailed
from trinax.websearch.fetching import Fetcher
from trinax.websearch.pages import page, snippet
from trinax.websearch.ports import Provider
from trinax.websearch.records import Result, Results

logger = logging.getLogger(__name__)

# Asked of a provider for each page that is read; of the others only the snippets count.
RESULTS_PER_PAGE = 2
PAGES_AT_ONCE = 4  # of one question
READERS = 4  # processes, of all questions together
# What Brave takes at most, and more than any engine makes use of.
QUERY_LIMIT_CHARACTERS = 400
ASKING = re.compile(r"[^.!?。！？\n]*[?？]")


@dataclass(frozen=True, slots=True)
class Consulted:
    """found: passages of pages and snippets. unread: pages that could not be read; what the
    provider shows of them stands in their place."""

    found: Found
    unread: int


class Web:
    """Callable from any task; holds nothing of what it has read.

    outcomes: of all searches: "done", or the code of an error."""

    def __init__(
        self, provider: Provider, fetcher: Fetcher, embedder: Embedder, settings: Settings
    ) -> None:
        """embedder: a fast one, for pages are embedded while somebody waits."""
        self._provider = provider
        self._fetcher = fetcher
        self._embedder = embedder
        self._settings = settings
        self._readers = anyio.CapacityLimiter(READERS)
        self.outcomes: Counter[str] = Counter()

    async def search(self, query: str, limit: int) -> Results:
        """Raises WebSearchFailed, and Busy where the provider is asked too often."""
        try:
            found = await self._provider.search(query, limit)
        except TrinaxError as exc:
            self.outcomes[exc.code] += 1
            raise
        self.outcomes["done"] += 1
        return found

    async def consulted(self, query: Query) -> Consulted:
        """Passages of the web that may answer the query, best first. Raises as search()."""
        pages = self._settings.web.pages
        found = await self.search(words(query), max(1, pages * RESULTS_PER_PAGE))
        wanted, others = found.results[:pages], found.results[pages:]
        read = await self._read(wanted)
        held = [each or snippet(result) for result, each in zip(wanted, read, strict=True)]
        held += map(snippet, others)
        ranked = await anyio.to_thread.run_sync(self._ranked, query, held)
        return Consulted(ranked, read.count(None))

    async def _read(self, results: Sequence[Result]) -> list[Page | None]:
        """In the order of the results, None for what could not be read."""
        pages: list[Page | None] = [None] * len(results)
        room = anyio.Semaphore(PAGES_AT_ONCE)

        async def read(place: int, url: str) -> None:
            async with room:
                try:
                    fetched = await self._fetcher.fetch(url)
                    async with self._readers:
                        pages[place] = await page(fetched)
                except PageFailed as exc:
                    logger.info("web page %d not read: %s", place + 1, exc.reason)

        async with anyio.create_task_group() as tasks:
            for place, result in enumerate(results):
                tasks.start_soon(read, place, result.url)
        return pages

    def _ranked(self, query: Query, pages: Sequence[Page]) -> Found:
        chunking = self._settings.chunking
        limits = Limits(chunking.limit_tokens, chunking.overlap_tokens)
        shelf = Shelf([one for each in pages for one in passages(each, limits)], self._embedder)
        return searching.found(query, [shelf], self._embedder, self._settings.retrieval)


def words(query: Query) -> str:
    """What a provider is asked: the question, with the earlier ones that it leans on."""
    turns = followup.turns(query.text, query.history)
    asked = [" ".join(_asked(text).split()) for text, _ in reversed(turns)]
    # The newest stands last, and is what must stay.
    return " ".join(asked)[-QUERY_LIMIT_CHARACTERS:].strip()


def _asked(text: str) -> str:
    """A text, or what is asked in it if it is too long to be searched for."""
    if len(text) <= QUERY_LIMIT_CHARACTERS:
        return text
    asked = " ".join(ASKING.findall(text)).strip()
    return (asked or text.strip())[:QUERY_LIMIT_CHARACTERS]
