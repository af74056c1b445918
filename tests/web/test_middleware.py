from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import LAN, serving
from trinax.settings import Access, Server, Settings

ADMIN = {"x-admin-token": "s3cret"}


def test_every_response_has_a_request_id(http: TestClient) -> None:
    first, second = (http.get(path).headers["x-request-id"] for path in ("/health", "/nowhere"))
    assert first != second


def test_a_sane_request_id_is_echoed(http: TestClient) -> None:
    answer = http.get("/health", headers={"x-request-id": "job-17.a"})
    assert answer.headers["x-request-id"] == "job-17.a"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>"])
def test_any_other_request_id_is_replaced(http: TestClient, given: str) -> None:
    answer = http.get("/health", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] != given


def test_another_name_for_this_server_is_refused(http: TestClient) -> None:
    answer = http.get("/health", headers={"host": "rebound.example:3333"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_a_configured_name_is_taken(settings: Settings) -> None:
    with serving(replace(settings, server=Server(hosts=("nas.home",)))) as http:
        assert http.get("/health", headers={"host": "nas.home:3333"}).status_code == 200


def test_a_local_page_may_read_answers_and_errors(http: TestClient) -> None:
    for path in ("/v1/models", "/nowhere"):
        answer = http.get(path, headers={"origin": "http://localhost:3334"})
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3334"
        assert "x-request-id" in answer.headers["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]


def test_a_foreign_page_may_not_read(http: TestClient) -> None:
    answer = http.get("/v1/models", headers={"origin": "https://example.com"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_foreign_page_may_not_write(http: TestClient) -> None:
    answer = http.post(
        "/v1/collections",
        content=b'{"id": "all", "root": "/"}',
        headers={"origin": "https://example.com", "content-type": "text/plain"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_a_preflight_is_answered_before_credentials_are_looked_at(settings: Settings) -> None:
    closed = replace(settings, access=Access(require_key=True))
    with serving(closed) as http:
        answer = http.options(
            "/v1/chat/completions",
            headers={
                "origin": "http://192.168.1.7:3335",
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization, content-type",
                "access-control-request-private-network": "true",
            },
        )
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "http://192.168.1.7:3335"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_foreign_preflight_is_refused(http: TestClient) -> None:
    headers = {"origin": "https://example.com", "access-control-request-method": "POST"}
    answer = http.options("/v1/search", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_lan_may_search_and_not_browse(lan: TestClient) -> None:
    assert lan.post("/v1/search", json={"query": "lamp"}).status_code == 200
    assert lan.get("/v1/models").status_code == 200
    for path in ("/v1/sources?collection=demo", "/v1/collections", "/v1/citations/x"):
        answer = lan.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_the_admin_token_opens_the_rest(lan: TestClient) -> None:
    assert lan.get("/v1/sources?collection=demo", headers=ADMIN).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/nowhere"])
@pytest.mark.parametrize(
    "wrong", [{"x-admin-token": "guess"}, {"authorization": "Bearer trx_nobody"}]
)
def test_a_wrong_credential_is_refused_everywhere(
    http: TestClient, path: str, wrong: dict[str, str]
) -> None:
    assert http.get(path, headers=wrong).status_code == 401


def test_an_editors_placeholder_key_is_no_key(http: TestClient) -> None:
    assert http.get("/v1/models", headers={"authorization": "Bearer sk-x"}).status_code == 200


def test_a_required_key_leaves_only_health_open(settings: Settings) -> None:
    with serving(replace(settings, access=Access(require_key=True))) as http:
        assert http.get("/health").status_code == 200
        assert http.get("/ready").status_code in (200, 503)
        assert http.get("/v1/models").status_code == 401


def test_forwarded_headers_end_the_trust_in_loopback(http: TestClient) -> None:
    answer = http.get("/v1/collections", headers={"x-forwarded-for": "127.0.0.1"})
    assert answer.status_code == 401


def test_a_second_forwarded_line_counts(settings: Settings) -> None:
    behind = replace(settings, access=Access(trusted_proxies=("127.0.0.1",)))
    with serving(behind) as http:
        lines = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", LAN)]
        assert http.get("/v1/collections", headers=lines).status_code == 401
        assert http.get("/v1/models", headers=lines).status_code == 200
