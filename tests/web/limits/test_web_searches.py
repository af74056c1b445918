from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.asking import CHAT, body
from tests.web.limits.conftest import PLANS, key
from tests.web.limits.test_plans import left
from tests.web.searching import finds, searching
from tests.websearch.site import Put, Site, open_site
from trinax.settings import Settings

SEARCH = "/api/v1/web-search"
QUERY = {"query": "Galata bridge"}
PAGE = "<title>Galata bridge</title><p>The Galata bridge is 490 metres long.</p>"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as site:
        finds(site, ("/galata", "A bridge."))
        site.put("/galata", PAGE)
        yield site


@pytest.fixture
def pro(settings: Settings, site: Site) -> Iterator[TestClient]:
    """A client whose key may search the web twice a day."""
    settings = replace(settings, plans=PLANS)
    headers = key(settings, plan="pro")
    with searching(settings, site) as http:
        http.headers.update(headers)
        yield http


def searched(http: TestClient, path: str, sent: Any) -> tuple[int, str]:
    answer = http.post(path, json=sent)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_searches_and_chats_that_search_count_alike(pro: TestClient) -> None:
    asked = body("How long is the Galata bridge?", web_search=True)
    assert searched(pro, SEARCH, QUERY) == (200, "")
    assert searched(pro, CHAT, asked) == (200, "")
    assert searched(pro, CHAT, asked) == (429, "quota_exceeded")
    assert searched(pro, SEARCH, QUERY) == (429, "quota_exceeded")
    assert left(pro, "web_search") == [0]


def test_a_chat_that_does_not_search_is_not_counted(pro: TestClient) -> None:
    assert searched(pro, CHAT, body(web_search=False)) == (200, "")
    assert left(pro, "web_search") == [2]


def test_a_search_that_fails_is_not_counted(pro: TestClient, site: Site) -> None:
    found = site.pages["/search"]
    site.put("/search", Put(b"no", "text/plain", 500))
    for path, sent in [(SEARCH, QUERY), (CHAT, body(web_search=True))]:
        assert searched(pro, path, sent) == (502, "web_search_failed")
    site.pages["/search"] = found
    assert left(pro, "web_search") == [2]


def test_a_plan_without_searches_has_none(settings: Settings, site: Site) -> None:
    settings = replace(settings, plans=PLANS)
    headers = key(settings, plan="free")
    with searching(settings, site) as http:
        http.headers.update(headers)
        assert searched(http, SEARCH, QUERY) == (403, "forbidden")
        assert searched(http, CHAT, body(web_search=True)) == (403, "forbidden")
