from typing import Any

import pytest
from starlette.testclient import TestClient

from trinax.settings import Settings
from trinax.web.declaring.body import QUERY_CHARACTERS


def search(http: TestClient, **fields: Any) -> Any:
    return http.post("/v1/search", json={"query": "keeper foghorn", **fields}).json()


def test_hits_say_where_they_stand(http: TestClient) -> None:
    found = search(http)
    assert set(found) == {"query", "hits", "timing"}
    hit = found["hits"][0]
    assert set(hit) == {
        "chunk_id", "file", "collection_id", "start_line", "end_line", "page", "score", "text",
    }  # fmt: skip
    assert (hit["file"], hit["collection_id"], hit["page"]) == ("guide.md", "demo", None)
    assert "foghorn" in hit["text"]
    assert found["timing"]["total"] > 0


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_every_mode_answers(http: TestClient, mode: str) -> None:
    assert search(http, mode=mode)["hits"]


def test_explain_tells_each_stage(http: TestClient) -> None:
    found = search(http, explain=True)
    explained = found["hits"][0]["explain"]
    stages = {"dense", "bm25", "fused", "weights", "matched", "reranked", "features"}
    assert set(explained) == stages
    assert "foghorn" in explained["matched"]
    assert isinstance(found["dropped"], list)


def test_explain_tells_what_each_word_adds(http: TestClient) -> None:
    explained = search(http, explain=True)["hits"][0]["explain"]
    shares = explained["matched"]
    assert sum(shares.values()) == pytest.approx(explained["bm25"]["score"], abs=0.01)


@pytest.fixture
def diary(settings: Settings) -> str:
    days = (" ".join(f"Pump {n} ran for {m} hours." for m in range(20)) for n in range(3))
    text = "\n\n".join(f"# Day\n\n{day}" for day in days)
    (settings.collections_dir / "demo" / "diary.md").write_text(text)
    return text


def test_neighbours_are_merged_on_request(diary: str, fresh: TestClient) -> None:
    asked = {"query": "pump", "filter": {"file_glob": "diary.md"}}
    apart, merged = search(fresh, **asked)["hits"], search(fresh, merge=True, **asked)["hits"]
    assert [hit["text"] for hit in merged] == [diary]
    assert merged[0]["chunk_id"] == apart[0]["chunk_id"]
    assert sorted(merged[0]["chunk_ids"]) == sorted(hit["chunk_id"] for hit in apart)
    assert "chunk_ids" not in apart[0]


def test_a_file_shows_no_more_passages_than_asked_for(http: TestClient) -> None:
    files = [hit["file"] for hit in search(http, per_file=1)["hits"]]
    assert len(files) == len(set(files))


def test_a_file_pattern_narrows_the_search(http: TestClient) -> None:
    hits = search(http, query="duration or keeper", filter={"file_glob": "*.py"})["hits"]
    assert {hit["file"] for hit in hits} == {"timer.py"}


def test_a_limit_and_an_offset_give_a_page(http: TestClient) -> None:
    everything = [hit["chunk_id"] for hit in search(http)["hits"]]
    assert [hit["chunk_id"] for hit in search(http, limit=1, offset=1)["hits"]] == everything[1:2]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": None}, "query"),
        ({"query": "  "}, "query"),
        ({"query": ["a"]}, "query"),
        ({"query": "x" * (QUERY_CHARACTERS + 1)}, "query"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"offset": -1}, "offset"),
        ({"mode": "magic"}, "mode"),
        ({"filter": "x"}, "filter"),
        ({"filter": {"file_glob": 5}}, "filter.file_glob"),
        ({"filter": {"file_glob": "*" * 1001}}, "filter.file_glob"),
        ({"explain": "yes"}, "explain"),
        ({"merge": "yes"}, "merge"),
        ({"per_file": -1}, "per_file"),
        ({"per_file": 101}, "per_file"),
        ({"collections": {"a": 1}}, "collections"),
    ],
)
def test_a_wrong_field_is_named(http: TestClient, fields: dict[str, Any], param: str) -> None:
    answer = http.post("/v1/search", json={"query": "keeper", **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_an_unknown_collection_is_not_found(http: TestClient) -> None:
    answer = http.post("/v1/search", json={"query": "keeper", "collections": ["nowhere"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "collection_not_found")


@pytest.mark.parametrize(
    ("path", "further"),
    [
        ("/v1/research", {}),
        ("/v1/rerank", {"documents": ["a"]}),
        ("/v1/vector_stores/demo/search", {}),
    ],
)
def test_whatever_searches_refuses_a_query_without_end(
    http: TestClient, path: str, further: dict[str, Any]
) -> None:
    asked = {"query": "lamp " * QUERY_CHARACTERS, **further}
    answer = http.post(path, json=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "query")
