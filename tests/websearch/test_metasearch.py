"""ddgs itself, its requests and its reading of them, with an engine that lives on this machine."""

from collections.abc import Sequence
from html import escape

import pytest
from ddgs.engines import ENGINES
from ddgs.engines.mojeek import Mojeek

from tests.contracts.provider import ROWS, Finding, ProviderContract
from tests.websearch.site import Put, Site
from trinax.errors import WebSearchFailed
from trinax.websearch.metasearch import DdgsProvider
from trinax.websearch.ports import Provider
from trinax.websearch.records import Result


def said(rows: Sequence[Result]) -> Put:
    """A page of Mojeek's results."""
    items = "".join(
        f'<li><h2><a class="title" href="{escape(row.url)}">{escape(row.title)}</a></h2>'
        f'<p class="s">{escape(row.snippet)}</p></li>'
        for row in rows
    )
    return Put(f'<html><body><ul class="results-standard">{items}</ul></body></html>'.encode())


@pytest.fixture
def engine(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    class Here(Mojeek):
        name = "here"
        search_url = f"{site.url}/search"

    monkeypatch.setitem(ENGINES["text"], Here.name, Here)
    return Here.name


class TestDdgs(ProviderContract):
    @pytest.fixture
    def finding(self, site: Site, engine: str) -> Finding:
        def finds(rows: Sequence[Result]) -> Provider:
            site.put("/search", said(rows))
            return DdgsProvider([engine], 20)

        return finds

    @pytest.fixture
    def unreachable(self, engine: str, monkeypatch: pytest.MonkeyPatch) -> Provider:
        monkeypatch.setattr(ENGINES["text"][engine], "search_url", "http://127.0.0.1:9/")
        return DdgsProvider([engine], 20)


async def test_the_question_is_all_that_is_sent(site: Site, engine: str) -> None:
    site.put("/search", said(ROWS))
    await DdgsProvider([engine], 20).search("who & what?", 3)
    assert [asked.query for asked in site.asked] == [{"q": "who & what?"}]


async def test_an_unknown_engine_is_not_replaced_by_others() -> None:
    with pytest.raises(WebSearchFailed, match=r"no engine 'googel' \(web\.engines\)"):
        await DdgsProvider(["mojeek", "googel"], 20).search("light", 3)


async def test_an_engine_that_never_answers_is_given_up(site: Site, engine: str) -> None:
    site.put("/search", Put(late=True))
    with pytest.raises(WebSearchFailed):
        await DdgsProvider([engine], 3).search("light", 3)
