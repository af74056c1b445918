import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.contracts.provider import ROWS, Finding, ProviderContract
from tests.websearch.site import Put, Site
from trinax.errors import Busy, WebSearchFailed
from trinax.websearch.brave import BraveProvider
from trinax.websearch.connection import Connection
from trinax.websearch.ports import Provider
from trinax.websearch.records import Result

SEARCH = "/res/v1/web/search"
JSON = "application/json"


def row(one: Result, **fields: Any) -> dict[str, Any]:
    return {
        "type": "search_result",
        "subtype": "generic",
        "title": one.title,
        "url": one.url,
        "description": one.snippet,
        "is_source_local": False,
        "is_source_both": False,
        "language": "en",
        "family_friendly": True,
        "profile": {"name": "Keepers", "url": one.url, "long_name": "keepers.example"},
        "meta_url": {"scheme": "https", "netloc": "keepers.example", "path": "› 1"},
        **fields,
    }


def said(*rows: dict[str, Any]) -> Put:
    whole: dict[str, Any] = {"type": "search", "query": {"original": "light keeper"}}
    if rows:
        whole["web"] = {"type": "search", "results": rows, "family_friendly": True}
    return Put(json.dumps(whole).encode(), JSON)


def refusal(status: int, code: str) -> Put:
    error = {"id": "6", "status": status, "code": code, "detail": "No.", "meta": {}}
    body = {"type": "ErrorResponse", "error": error, "time": 1764000000}
    return Put(json.dumps(body).encode(), JSON, status)


def provider(site: Site) -> BraveProvider:
    return BraveProvider(Connection(), "BSA-key", 20, site.url)


class TestBrave(ProviderContract):
    @pytest.fixture
    def finding(self, site: Site) -> Finding:
        def finds(rows: Sequence[Result]) -> Provider:
            site.put(SEARCH, said(*map(row, rows)))
            return provider(site)

        return finds

    @pytest.fixture
    def unreachable(self) -> Provider:
        return BraveProvider(Connection(), "BSA-key", 20, "http://127.0.0.1:9")


async def test_it_is_asked_with_the_key(site: Site) -> None:
    site.put(SEARCH, said())
    await provider(site).search("who & what?", 50)
    (asked,) = site.asked
    assert asked.headers["x-subscription-token"] == "BSA-key"
    assert (asked.query["q"], asked.query["count"]) == ("who & what?", "20")


async def test_it_is_asked_fifty_words_at_most(site: Site) -> None:
    site.put(SEARCH, said())
    await provider(site).search("word " * 60, 5)
    assert site.asked[0].query["q"].split() == ["word"] * 50


async def test_a_date_is_told(site: Site) -> None:
    site.put(SEARCH, said(row(ROWS[0], page_age="2026-03-01T10:00:00", age="March 1, 2026")))
    (one,) = (await provider(site).search("light", 5)).results
    assert one.published == "2026-03-01T10:00:00"


async def test_marks_around_what_was_found_are_taken_out(site: Site) -> None:
    site.put(SEARCH, said(row(ROWS[0], description="The <strong>light</strong> &amp; Vec<T>")))
    (one,) = (await provider(site).search("light", 5)).results
    assert one.snippet == "The light & Vec<T>"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (refusal(401, "SUBSCRIPTION_TOKEN_INVALID"), r"it refuses web\.key \(HTTP 401\)"),
        (refusal(403, "FORBIDDEN"), r"it refuses web\.key"),
        (refusal(402, "PAYMENT_REQUIRED"), "used up"),
        (refusal(422, "VALIDATION"), "refuses the query"),
        (refusal(500, "INTERNAL"), "HTTP 500"),
        (Put(b"<html>"), "did not answer with JSON"),
        (Put(b'{"web": []}', JSON), "not what it documents"),
    ],
)
async def test_what_goes_wrong_is_said_without_the_key(site: Site, page: Put, reason: str) -> None:
    site.put(SEARCH, page)
    with pytest.raises(WebSearchFailed, match=reason) as failure:
        await provider(site).search("light", 3)
    assert "BSA-key" not in str(failure.value)


async def test_asked_too_often_it_is_busy(site: Site) -> None:
    site.put(SEARCH, refusal(429, "RATE_LIMITED"))
    with pytest.raises(Busy, match="'brave'"):
        await provider(site).search("light", 3)
