import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.web.conftest import LAN, LOOPBACK, folders, serving
from trinax.settings import Access, Audit, Settings

GUARDED = Audit()
TOKEN = "s3cret-of-the-administrator"


class Audited:
    """lines: of the audit log, once the server has ended."""

    lines: list[dict[str, Any]]


@contextmanager
def audited(
    base: Path, client: str = LOOPBACK, audit: Audit = GUARDED
) -> Iterator[tuple[TestClient, Audited]]:
    settings = replace(folders(base), access=Access(admin_token=TOKEN), audit=audit)
    found = Audited()
    with serving(settings, client=client) as http:
        yield http, found
    found.lines = _lines(settings)


def _lines(settings: Settings) -> list[dict[str, Any]]:
    file = settings.data_dir / "audit.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_guarded_request_is_on_record(tmp_path: Path) -> None:
    with audited(tmp_path) as (http, found):
        http.get("/v1/sources?collection=demo", headers={"x-request-id": "abc"})
    (line,) = found.lines
    assert (line["operation"], line["method"], line["route"]) == (
        "get_v1_sources",
        "GET",
        "/v1/sources",
    )
    assert (line["place"], line["address"], line["status"]) == ("loopback", LOOPBACK, 200)
    assert (line["collections"], line["request"]) == (["demo"], "abc")
    assert line["duration_ms"] >= 0


def test_chat_and_search_are_not(tmp_path: Path) -> None:
    with audited(tmp_path) as (http, found):
        http.post("/v1/search", json={"query": "lamp"})
        http.get("/health")
    assert found.lines == []


def test_all_requests_are_if_wanted(tmp_path: Path) -> None:
    with audited(tmp_path, audit=Audit(requests="all")) as (http, found):
        http.post("/v1/search", json={"query": "lamp", "collections": ["demo"]})
        http.get("/nowhere")
    search = next(line for line in found.lines if line["route"] == "/v1/search")
    assert search["collections"] == ["demo"]
    assert found.lines[-1]["status"] == 404


def test_none_are_if_it_is_off(tmp_path: Path) -> None:
    with audited(tmp_path, audit=Audit(requests="off")) as (http, found):
        http.get("/v1/sources?collection=demo")
    assert found.lines == []


def test_a_refusal_is_on_record_with_its_route(tmp_path: Path) -> None:
    with audited(tmp_path, client=LAN) as (http, found):
        http.get("/v1/sources/demo/guide.md/chunks")
        http.get("/v1/models", headers={"x-admin-token": "wrong"})
        http.post("/v1/search", json={"query": "x"}, headers={"origin": "https://evil.example"})
    assert [(line["route"], line["status"]) for line in found.lines] == [
        ("/v1/sources/{collection}/{file}/chunks", 401),
        ("/v1/models", 401),
        ("/v1/search", 403),
    ]
    assert found.lines[0]["collections"] == ["demo"]


def test_the_administrator_is_named(tmp_path: Path) -> None:
    with audited(tmp_path, client=LAN) as (http, found):
        http.get("/v1/collections/demo/status", headers={"x-admin-token": TOKEN})
    assert (found.lines[0]["name"], found.lines[0]["collections"]) == ("admin", ["demo"])


def test_what_was_asked_is_on_no_record(tmp_path: Path) -> None:
    with audited(tmp_path, audit=Audit(requests="all")) as (http, found):
        headers = {"x-admin-token": TOKEN, "authorization": "Bearer zebra"}
        body = {"query": "zebra paraffin", "collections": ["zebra crossing"], "depth": 1}
        http.post("/v1/research", json=body, headers=headers)
        http.get("/v1/sources/demo/zebra.md/chunks?q=zebra", headers=headers)
        http.get("/zebra?zebra=zebra")
    assert len(found.lines) >= 3
    assert all(word not in json.dumps(found.lines) for word in ("zebra", "paraffin", TOKEN))
