from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.web.conftest import LAN, serving
from trinax.settings import Access, Settings
from trinax.web.playground import BANNER

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def asked(http: TestClient, accept: str = BROWSER, **headers: str) -> httpx2.Response:
    return http.get("/", headers={"accept": accept, **headers})


@pytest.fixture
def closed(settings: Settings) -> Iterator[TestClient]:
    with serving(replace(settings, access=Access(require_key=True)), client=LAN) as http:
        yield http


def test_a_browser_gets_the_page(http: TestClient) -> None:
    answer = asked(http)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "script-src 'sha256-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/*", "text/html;q=0"])
def test_other_clients_get_what_ollama_says(http: TestClient, accept: str) -> None:
    answer = asked(http, accept)
    assert answer.text == BANNER
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize("accept", ["text/html", "TEXT/HTML;q=0.5", "text/plain, text/html ; x=y"])
def test_who_names_html_gets_it(http: TestClient, accept: str) -> None:
    assert "html" in asked(http, accept).headers["content-type"]


def test_caches_are_told_on_what_it_depends(http: TestClient) -> None:
    assert asked(http).headers["vary"] == "Accept, Accept-Encoding"
    assert asked(http, "*/*").headers["vary"] == "Accept"


def test_the_page_is_sent_again_only_when_it_has_changed(http: TestClient) -> None:
    first = asked(http)
    again = asked(http, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert asked(http, **{"if-none-match": '"another"'}).status_code == 200


def test_it_is_compressed_for_whom_that_suits(http: TestClient) -> None:
    plain = asked(http, **{"accept-encoding": "identity"})
    packed = asked(http, **{"accept-encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3


def test_the_page_itself_is_open_and_what_it_asks_for_is_not(closed: TestClient) -> None:
    assert asked(closed).status_code == 200
    assert closed.get("/v1/models").status_code == 401


def test_another_site_cannot_have_it_under_its_own_name(http: TestClient) -> None:
    assert asked(http, host="evil.example").status_code == 403


def test_no_page_may_hold_it_in_a_frame(http: TestClient) -> None:
    assert "frame-ancestors 'none'" in asked(http).headers["content-security-policy"]


def test_the_head_alone_can_be_had(http: TestClient) -> None:
    answer = http.head("/", headers={"accept": BROWSER})
    assert (answer.status_code, answer.content) == (200, b"")
