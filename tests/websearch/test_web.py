import pytest

from tests.websearch.conftest import HOST, LIMITS
from tests.websearch.site import Names, Put, Site, StandIns, redirect
from trinax.embedding.static import StaticEmbedder
from trinax.errors import WebSearchFailed
from trinax.retrieval.records import Query
from trinax.settings import Settings
from trinax.websearch.connection import Connection
from trinax.websearch.fetching import Fetcher
from trinax.websearch.records import Result, Results
from trinax.websearch.web import QUERY_LIMIT_CHARACTERS, Web, words

KEEPER = "Who is the keeper of the lighthouse?"
ANSWER = "The keeper of the lighthouse is called Marta Lindqvist."


class Fixed:
    """A provider that finds the same for every question, and remembers them."""

    def __init__(self, *results: Result) -> None:
        self.results = results
        self.asked: list[tuple[str, int]] = []

    async def search(self, query: str, limit: int) -> Results:
        self.asked.append((query, limit))
        return Results("fixed", self.results[:limit])


class Failing:
    async def search(self, query: str, limit: int) -> Results:
        raise WebSearchFailed("failing", "it is gone")


def found_at(site: Site, path: str, snippet: str = "") -> Result:
    return Result(f"Page {path}", site.at(HOST, path), snippet)


def web(provider: Fixed | Failing) -> Web:
    fetcher = Fetcher(Connection(), StandIns(Names(), HOST), LIMITS)
    return Web(provider, fetcher, StaticEmbedder(), Settings(web=LIMITS))


async def test_what_a_page_says_is_found_with_its_address(site: Site) -> None:
    site.put("/keepers", f"<title>Keepers</title><p>{ANSWER}")
    consulted = await web(Fixed(found_at(site, "/keepers"))).consulted(Query(KEEPER))
    best = consulted.found.ranked[0].passage
    assert (best.chunk.text, best.url) == (ANSWER, site.at(HOST, "/keepers"))
    assert best.file == f"{HOST}:{site.port}/keepers"
    assert (consulted.unread, consulted.found.confidence > 0.5) == (0, True)


async def test_a_page_is_cited_where_it_was_found_in_the_end(site: Site) -> None:
    site.put("/old", redirect("/new"))
    site.put("/new", f"<p>{ANSWER}")
    consulted = await web(Fixed(found_at(site, "/old"))).consulted(Query(KEEPER))
    assert consulted.found.ranked[0].passage.url == site.at(HOST, "/new")


@pytest.mark.parametrize("page", [Put(status=404), Put(type="image/png"), Put(b"<script>a()")])
async def test_the_snippet_stands_for_a_page_that_cannot_be_read(site: Site, page: Put) -> None:
    site.put("/gone", page)
    consulted = await web(Fixed(found_at(site, "/gone", ANSWER))).consulted(Query(KEEPER))
    best = consulted.found.ranked[0].passage
    assert (best.chunk.text, best.url) == (ANSWER, site.at(HOST, "/gone"))
    assert consulted.unread == 1


async def test_a_private_page_is_not_read(site: Site) -> None:
    site.put("/admin", "<p>The keeper's secret.")
    inside = Result("Inside", f"{site.url}/admin", ANSWER)
    consulted = await web(Fixed(inside)).consulted(Query(KEEPER))
    assert [one.passage.chunk.text for one in consulted.found.ranked] == [ANSWER]
    assert site.asked == []


async def test_the_first_pages_are_read_and_the_others_shown(site: Site) -> None:
    results = [found_at(site, f"/{n}", f"Snippet {n}: {ANSWER}") for n in range(8)]
    for n in range(8):
        site.put(f"/{n}", f"<p>Page {n}: {ANSWER}")
    provider = Fixed(*results)
    consulted = await web(provider).consulted(Query(KEEPER, limit=20))
    assert provider.asked == [(KEEPER, 8)]
    assert sorted(asked.path for asked in site.asked) == ["/0", "/1", "/2", "/3"]
    texts = {one.passage.chunk.text.partition(":")[0] for one in consulted.found.ranked}
    assert texts == {*(f"Page {n}" for n in range(4)), *(f"Snippet {n}" for n in range(4, 8))}


async def test_nothing_found_is_told_as_a_doubt() -> None:
    consulted = await web(Fixed()).consulted(Query(KEEPER))
    assert consulted.found.ranked == ()
    assert consulted.found.confidence < 0.5


async def test_a_failing_provider_is_a_failure() -> None:
    with pytest.raises(WebSearchFailed):
        await web(Failing()).consulted(Query(KEEPER))


def test_a_question_that_stands_alone_is_asked_alone() -> None:
    assert words(Query(KEEPER, history=("Who painted it?",))) == KEEPER


def test_a_question_takes_along_what_it_leans_on() -> None:
    assert words(Query("And since when?", history=(KEEPER,))) == f"{KEEPER} And since when?"


def test_what_is_asked_stays_of_a_long_text() -> None:
    pasted = "def f(): pass\n" * 100
    assert words(Query(f"{pasted}\nWhat does this do?")) == "What does this do?"
    assert len(words(Query(pasted))) <= QUERY_LIMIT_CHARACTERS
