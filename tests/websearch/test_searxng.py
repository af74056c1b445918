import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.contracts.provider import ROWS, Finding, ProviderContract
from tests.websearch.site import Put, Site
from trinax.errors import Busy, WebSearchFailed
from trinax.websearch.connection import Connection
from trinax.websearch.ports import Provider
from trinax.websearch.records import Result
from trinax.websearch.searxng import SearxngProvider

JSON = "application/json"


def said(rows: Sequence[Result], **fields: Any) -> Put:
    """As searx/webutils.py writes it."""
    results = [
        {
            "url": row.url,
            "title": row.title,
            "content": row.snippet,
            "publishedDate": row.published,
            "engine": "duckduckgo",
            "template": "default.html",
            "parsed_url": ["https", "keepers.example", "/", "", "", ""],
            "engines": ["duckduckgo"],
            "positions": [1],
            "score": 1.0,
            "category": "general",
        }
        for row in rows
    ]
    whole = {
        "query": "light keeper",
        "number_of_results": 0,
        "results": results,
        "answers": [],
        "corrections": [],
        "infoboxes": [],
        "suggestions": [],
        "unresponsive_engines": [],
    }
    return Put(json.dumps(whole | fields).encode(), JSON)


def provider(site: Site, *engines: str, timeout_s: float = 20) -> SearxngProvider:
    return SearxngProvider(Connection(), f"{site.url}/", engines, timeout_s)


class TestSearxng(ProviderContract):
    @pytest.fixture
    def finding(self, site: Site) -> Finding:
        def finds(rows: Sequence[Result]) -> Provider:
            site.put("/search", said(rows))
            return provider(site)

        return finds

    @pytest.fixture
    def unreachable(self) -> Provider:
        return SearxngProvider(Connection(), "http://127.0.0.1:9", (), 20)


async def test_it_is_asked_for_json(site: Site) -> None:
    site.put("/search", said(ROWS))
    await provider(site).search("who & what?", 3)
    assert site.asked[0].query == {"q": "who & what?", "format": "json"}


async def test_engines_can_be_named(site: Site) -> None:
    site.put("/search", said(ROWS))
    await provider(site, "mojeek", "wikipedia").search("light", 3)
    assert site.asked[0].query["engines"] == "mojeek,wikipedia"


async def test_a_date_is_told(site: Site) -> None:
    dated = Result("A", "https://a.example/", "b", "2026-03-01T00:00:00")
    site.put("/search", said([dated, ROWS[0]]))
    found = await provider(site).search("light", 3)
    assert [one.published for one in found.results] == ["2026-03-01T00:00:00", None]


async def test_rows_of_another_kind_are_left_out(site: Site) -> None:
    odd = [None, "a", {}, {"url": 5}, {"url": "https://a.example/", "title": None, "content": None}]
    site.put("/search", said([], results=odd))
    (one,) = (await provider(site).search("light", 3)).results
    assert one == Result("https://a.example/", "https://a.example/", "")


async def test_half_a_character_does_no_harm(site: Site) -> None:
    row = b'{"url": "https://a.example/", "title": "\\ud83d", "content": "a\\udc00"}'
    site.put("/search", Put(b'{"results": [' + row + b"]}", JSON))
    (one,) = (await provider(site).search("light", 3)).results
    assert (one.title, one.snippet) == ("?", "a?")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Put(status=403), "it gives no JSON; add json to search.formats"),
        (Put(status=404), "web.url"),
        (Put(status=500), "HTTP 500"),
        (Put(status=301, headers={"location": "https://a.example/"}), "HTTP 301"),
        (Put(b"<html>Search</html>"), "did not answer with JSON"),
        (Put(b"[]", JSON), "not what it documents"),
        (Put(b"\xff", JSON), "did not answer with JSON"),
        (Put(b"[" * 100_000, JSON), "did not answer with JSON"),
        (Put(b" " * 5_000_000, JSON), "over 4000000 bytes"),
        (said([], unresponsive_engines=[["google", "CAPTCHA"]]), "google failed"),
    ],
)
async def test_what_goes_wrong_is_said(site: Site, page: Put, reason: str) -> None:
    site.put("/search", page)
    with pytest.raises(WebSearchFailed, match=f"'searxng' failed: .*{reason}"):
        await provider(site).search("light", 3)


@pytest.mark.parametrize("page", [Put(late=True), Put(b"{", JSON, hangs=True)])
async def test_an_answer_that_never_ends_is_given_up(site: Site, page: Put) -> None:
    site.put("/search", page)
    with pytest.raises(WebSearchFailed, match=r"longer than 0\.3 s"):
        await provider(site, timeout_s=0.3).search("light", 3)
    assert site.gone.wait(10)


@pytest.mark.parametrize(("told", "wait_s"), [("7", 7), ("", 5), ("soon", 5), ("9" * 30, 3600)])
async def test_asked_too_often_it_is_busy(site: Site, told: str, wait_s: int) -> None:
    site.put("/search", Put(status=429, headers={"retry-after": told}))
    with pytest.raises(Busy) as failure:
        await provider(site).search("light", 3)
    assert failure.value.retry_after_s == wait_s
