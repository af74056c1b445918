from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.web.access.conftest import key
from tests.web.conftest import LAN, serving
from tests.web.metrics.lines import Samples, scraped, value
from trinax.settings import Access, Settings
from trinax.web.metrics.catalogue import ALL

ASKED = {"messages": [{"role": "user", "content": "Who keeps the lighthouse?"}]}
ANY = "/v1/chat/completions"


@pytest.fixture(scope="module")
def used(http: TestClient) -> Samples:
    """After an answer, two searches, a question that is refused and one to no route."""
    http.post(ANY, json=ASKED)
    for _ in range(2):
        http.post("/v1/search", json={"query": "lamp", "limit": 3})
    http.post("/v1/search", json={"query": "lamp", "limit": 1000})
    http.get("/nowhere/secret-file.md")
    http.get("/v1/sources/demo/guide.md")
    return scraped(http)


def test_requests_are_counted_by_route_and_status(used: Samples) -> None:
    def count(method: str, route: str, status: str) -> float:
        labels = {"method": method, "route": route, "status": status}
        return value(used, "trinax_http_requests_total", **labels)

    assert count("POST", ANY, "200") == 1
    assert count("POST", "/v1/search", "200") == 2
    assert count("POST", "/v1/search", "400") == 1
    assert count("GET", "unrouted", "404") == 1
    assert value(used, "trinax_http_request_duration_seconds_count", route="/v1/search") == 3


def test_no_path_and_no_file_is_named(used: Samples) -> None:
    said = " ".join(text for _, labels in used for _, text in labels)
    assert "secret-file" not in said
    assert "guide.md" not in said
    assert "/v1/sources/{collection}/{file}" in said


def test_failures_are_counted_by_their_code(used: Samples) -> None:
    assert value(used, "trinax_failures_total", code="route_not_found") == 1
    assert value(used, "trinax_failures_total", code="invalid_request") == 1


def test_every_search_is_measured_by_its_stages(used: Samples) -> None:
    assert value(used, "trinax_search_duration_seconds_count") == 3  # one is of the answer
    for stage in ("question", "candidates", "fusion", "passages", "confidence", "rerank"):
        count = value(used, "trinax_search_stage_duration_seconds_count", stage=stage)
        assert count == 3, stage


def test_an_answer_is_measured_by_its_stages(used: Samples) -> None:
    assert value(used, "trinax_answers_total", kind="general", verdict="answered") == 1
    for stage in ("route", "retrieve", "prompt", "first_text", "generate", "ground"):
        assert value(used, "trinax_answer_stage_duration_seconds_count", stage=stage) == 1


def test_texts_and_tokens_are_counted_by_model(used: Samples) -> None:
    model = {"model": "trinax-extract"}
    assert value(used, "trinax_model_generations_total", outcome="finished", **model) == 1
    assert value(used, "trinax_model_prompt_tokens_total", **model) > 10
    assert value(used, "trinax_model_completion_tokens_total", **model) > 3


def test_a_collection_tells_what_it_holds(used: Samples) -> None:
    demo = {"collection": "demo"}
    assert value(used, "trinax_collection_files", outcome="indexed", **demo) == 2
    assert value(used, "trinax_collection_chunks", **demo) >= 2
    assert value(used, "trinax_collection_state", state="idle", **demo) == 1
    assert value(used, "trinax_collection_state", state="failed", **demo) == 0
    assert value(used, "trinax_collection_lag_seconds", **demo) == 0
    assert value(used, "trinax_index_size_bytes", **demo) > 10_000
    assert value(used, "trinax_reconciled_files_total", change="added") == 2


def test_what_is_not_there_is_not_shown_as_zero(used: Samples) -> None:
    names = {name for name, _ in used}
    assert "trinax_vector_cache_lookups_total" not in names  # the built-in embedder has no cache
    assert "trinax_web_searches_total" not in names  # the web is off here


def test_nothing_is_shown_that_the_catalogue_does_not_have(used: Samples) -> None:
    known = {each.name for each in ALL}
    parts = {f"{name}{end}" for name in known for end in ("_bucket", "_sum", "_count")}
    shown = {name for name, _ in used}
    assert {name for name in shown - known - parts if not name.startswith("process_")} == set()


def test_the_type_is_the_one_that_prometheus_reads(http: TestClient) -> None:
    assert http.get("/metrics").headers["content-type"] == (
        "text/plain; version=0.0.4; charset=utf-8"
    )


def test_it_is_for_administrators_and_scrapers(settings: Settings) -> None:
    scraper = key(settings, scopes=frozenset({"metrics"}))
    reader = key(settings, scopes=frozenset({"chat", "search"}))
    guarded = replace(settings, access=Access(admin_token="s3cret"))
    with serving(guarded, client=LAN) as http:
        assert http.get("/metrics").status_code == 401
        assert http.get("/metrics", headers=reader).status_code == 403
        assert http.get("/metrics", headers=scraper).status_code == 200
        assert http.get("/metrics", headers={"x-admin-token": "s3cret"}).status_code == 200


def test_a_scraper_sees_no_documents(settings: Settings) -> None:
    scraper = key(settings, scopes=frozenset({"metrics"}))
    with serving(replace(settings, access=Access(require_key=True))) as http:
        assert http.get("/metrics", headers=scraper).status_code == 200
        assert http.post("/v1/search", json={"query": "lamp"}, headers=scraper).status_code == 403


@pytest.mark.parametrize("limit", ["collections", "models"])
def test_a_key_that_is_limited_does_not_learn_of_others(settings: Settings, limit: str) -> None:
    limited = key(settings, scopes=frozenset({"admin"}), **{limit: frozenset({"demo"})})
    with serving(settings) as http:
        assert http.get("/metrics", headers=limited).status_code == 403


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(settings: Settings) -> None:
    with serving(settings) as http:
        (settings.data_dir / "index").rename(settings.data_dir / "elsewhere")
        found = scraped(http)
        (settings.data_dir / "elsewhere").rename(settings.data_dir / "index")
    assert value(found, "trinax_unread_metrics", group="indexes") == 1
    assert value(found, "trinax_unread_metrics", group="collections") == 0
    assert value(found, "trinax_collection_files", collection="demo", outcome="indexed") == 2
