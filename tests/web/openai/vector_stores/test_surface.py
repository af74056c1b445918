from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.asking import KEEPER
from tests.web.conftest import folders, serving
from trinax.settings import Settings

STORES = "/v1/vector_stores"
DEMO = f"{STORES}/demo/search"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With collections of one file beside "demo", and one of many: "notes"."""
    settings = folders(tmp_path_factory.mktemp("base"))
    collections: Path = settings.collections_dir
    for name in ("a", "b", "notes"):
        (collections / name).mkdir()
        (collections / name / "note.md").write_text(f"# Note\n\nThe lamp of {name}.")
    for number in range(60):
        text = f"Page {number}: the lamp of the lighthouse, the lamp."
        (collections / "notes" / f"page-{number}.md").write_text(text)
    with serving(settings) as http:
        yield http


def found(http: TestClient, query: Any = KEEPER, path: str = DEMO, **fields: Any) -> Any:
    answer = http.post(path, json={"query": query, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def files(answer: Any) -> list[str]:
    return [result["filename"] for result in answer["data"]]


def test_passages_come_with_their_file(http: TestClient) -> None:
    answer = found(http)
    assert answer["object"] == "vector_store.search_results.page"
    assert answer["search_query"] == [KEEPER]
    assert (answer["has_more"], answer["next_page"]) == (False, None)
    best = answer["data"][0]
    assert (best["file_id"], best["filename"]) == ("demo/guide.md", "guide.md")
    assert "Marta Lindqvist" in best["content"][0]["text"]
    assert best["attributes"]["collection"] == "demo"
    assert best["attributes"]["start_line"] >= 1
    assert 0 < best["score"] <= 1


def test_only_the_collection_is_searched(stores: TestClient) -> None:
    answer = found(stores, "lamp", f"{STORES}/a/search")
    assert [result["attributes"]["collection"] for result in answer["data"]] == ["a"]


def test_no_more_results_than_asked_for(stores: TestClient) -> None:
    assert len(found(stores, "lamp", f"{STORES}/notes/search", max_num_results=3)["data"]) == 3
    assert len(found(stores, "lamp", f"{STORES}/notes/search")["data"]) == 10


def test_several_questions_are_ranked_together(http: TestClient) -> None:
    answer = found(http, [KEEPER, "parse_duration"], max_num_results=50)
    assert answer["search_query"] == [KEEPER, "parse_duration"]
    assert {"guide.md", "timer.py"} <= set(files(answer))
    scores = [result["score"] for result in answer["data"]]
    assert scores == sorted(scores, reverse=True)
    ids = [result["attributes"]["chunk_id"] for result in answer["data"]]
    assert len(set(ids)) == len(ids)


def test_what_scores_less_is_left_out(http: TestClient) -> None:
    scores = [result["score"] for result in found(http)["data"]]
    limit = scores[0] - 1e-4
    kept = found(http, ranking_options={"score_threshold": limit})["data"]
    assert [result["score"] for result in kept] == scores[:1]
    assert found(http, "beetroot soup", ranking_options={"score_threshold": 0.5})["data"] == []


def test_a_filter_is_looked_for_beyond_the_first_results(stores: TestClient) -> None:
    only = {"type": "eq", "key": "filename", "value": "note.md"}
    path = f"{STORES}/notes/search"
    assert "note.md" not in files(found(stores, "page lamp lighthouse", path, max_num_results=2))
    answer = found(stores, "page lamp lighthouse", path, max_num_results=2, filters=only)
    assert files(answer) == ["note.md"]


def test_what_had_no_effect_is_listed(http: TestClient) -> None:
    asked = {"query": KEEPER, "rewrite_query": True, "ranking_options": {"hybrid_search": {"a": 1}}}
    answer = http.post(DEMO, json=asked)
    assert answer.headers["x-trinax-ignored"] == "rewrite_query, ranking_options.hybrid_search"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": None}, "query"),
        ({"query": " "}, "query"),
        ({"query": []}, "query"),
        ({"query": ["a", 5]}, "query[1]"),
        ({"max_num_results": 0}, "max_num_results"),
        ({"max_num_results": 51}, "max_num_results"),
        ({"filters": {"type": "eq", "key": "author", "value": "me"}}, "filters.key"),
        ({"ranking_options": {"ranker": "best"}}, "ranking_options.ranker"),
        ({"ranking_options": {"score_threshold": 2}}, "ranking_options.score_threshold"),
        ({"rewrite_query": "yes"}, "rewrite_query"),
    ],
)
def test_a_wrong_field_is_named(http: TestClient, fields: dict[str, Any], param: str) -> None:
    answer = http.post(DEMO, json={"query": KEEPER, **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("path", [f"{STORES}/none", f"{STORES}/NONE"])
def test_an_unknown_store_is_not_found(http: TestClient, path: str) -> None:
    for answer in (http.get(path), http.post(f"{path}/search", json={"query": "lamp"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "collection_not_found")


def test_a_collection_is_shown_as_a_store(http: TestClient) -> None:
    shown = http.get(f"{STORES}/demo").json()
    assert (shown["id"], shown["name"], shown["object"]) == ("demo", "demo", "vector_store")
    assert shown["status"] == "completed"
    assert shown["file_counts"]["completed"] == shown["file_counts"]["total"] == 2
    assert http.get(STORES).json()["data"] == [shown]


def test_stores_are_listed_by_pages(stores: TestClient) -> None:
    def listed(**query: Any) -> tuple[list[str], bool]:
        said = stores.get(STORES, params=query).json()
        return [each["id"] for each in said["data"]], said["has_more"]

    assert listed() == (["a", "b", "demo", "notes"], False)
    assert listed(limit=2) == (["a", "b"], True)
    assert listed(limit=2, after="b") == (["demo", "notes"], False)
    assert listed(limit=2, order="desc") == (["notes", "demo"], True)
    assert listed(limit=2, before="notes") == (["b", "demo"], True)
    assert listed(before="b") == (["a"], False)
    assert stores.get(STORES, params={"after": "none"}).json()["error"]["param"] == "after"


def test_who_may_not_browse_can_search_and_sees_no_names(lan: TestClient) -> None:
    assert lan.get(STORES).status_code == 401
    assert lan.get(f"{STORES}/demo").status_code == 401
    assert found(lan)["data"]
    assert lan.get(STORES, headers={"x-admin-token": "s3cret"}).status_code == 200


def test_a_store_that_is_being_filled_says_so(settings: Settings) -> None:
    with serving(settings) as http:
        (settings.collections_dir / "demo" / "new.md").write_text("The fog horn.")
        http.post("/v1/collections/demo/reindex")
        while files(found(http, "fog horn", max_num_results=1)) != ["new.md"]:
            pass
        assert http.get(f"{STORES}/demo").json()["file_counts"]["completed"] == 3
