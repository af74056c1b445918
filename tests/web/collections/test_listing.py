from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

ADMIN = {"x-admin-token": "s3cret"}


def settled(http: TestClient, collection: str) -> Any:
    while True:
        status = http.get(f"/v1/collections/{collection}/status").json()
        if status["state"] != "indexing":
            return status


def test_collections_are_listed_as_their_status(http: TestClient) -> None:
    (row,) = http.get("/v1/collections").json()["collections"]
    assert row == http.get("/v1/collections/demo").json()
    assert (row["id"], row["state"]) == ("demo", "idle")
    assert row["files"] == {"indexed": 2, "skipped": 0, "failed": 0, "total": 2}
    assert row["queue"] == {"files": 0}
    assert row["chunks"] > 0


def test_an_outside_folder_becomes_searchable(fresh: TestClient, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "whale.md").write_text("# Whales\n\nThe whale sings at night.\n")
    added = fresh.post("/v1/collections", json={"id": "sea", "root": str(outside)})
    assert (added.status_code, added.json()["id"]) == (201, "sea")
    assert settled(fresh, "sea")["files"]["indexed"] == 1
    hits = fresh.post("/v1/search", json={"query": "whale", "collections": ["sea"]}).json()["hits"]
    assert hits[0]["file"] == "whale.md"


def test_reindexing_finds_what_is_new(fresh: TestClient, tmp_path: Path) -> None:
    (tmp_path / "collections" / "demo" / "new.md").write_text("A walrus.")
    begun = fresh.post("/v1/collections/demo/reindex")
    assert (begun.status_code, begun.json()["state"]) == (202, "indexing")
    assert settled(fresh, "demo")["files"]["indexed"] == 3


def test_an_unreadable_file_is_listed_with_its_reason(fresh: TestClient, tmp_path: Path) -> None:
    (tmp_path / "collections" / "demo" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    fresh.post("/v1/collections/demo/reindex")
    status = settled(fresh, "demo")
    assert status["files"]["failed"] == 1
    assert status["failures"][0]["file"] == "broken.pdf"
    assert status["failures"][0]["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"root": "/"},
        {"id": "sea", "root": "relative/path"},
        {"id": "sea", "root": "/nowhere/at/all"},
        {"id": "Not A Slug", "root": "/"},
        {"id": 5, "root": "/"},
    ],
)
def test_a_wrong_folder_or_id_is_refused(http: TestClient, body: dict[str, Any]) -> None:
    assert http.post("/v1/collections", json=body).status_code == 400


@pytest.mark.parametrize("path", ["", "/status"])
def test_an_unknown_collection_is_not_found(http: TestClient, path: str) -> None:
    answer = http.get(f"/v1/collections/nowhere{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "collection_not_found")
    assert http.post("/v1/collections/nowhere/reindex").status_code == 404


def test_only_an_admin_adds_a_folder(lan: TestClient, tmp_path: Path) -> None:
    body = {"id": "sea", "root": str(tmp_path / "collections" / "demo")}
    assert lan.post("/v1/collections", json=body).status_code == 401
    assert lan.post("/v1/collections/demo/reindex").status_code == 401
    assert lan.post("/v1/collections/demo/reindex", headers=ADMIN).status_code == 202


def test_a_status_lists_as_much_as_is_asked_for(fresh: TestClient, tmp_path: Path) -> None:
    for n in range(150):
        (tmp_path / f"collections/demo/{n}.jpg").touch()
    fresh.post("/v1/collections/demo/reindex")
    assert (len(settled(fresh, "demo")["left_out"]), settled(fresh, "demo")["missed"]) == (100, 150)
    status = fresh.get("/v1/collections/demo/status?listed=120").json()
    assert (len(status["left_out"]), status["files"]["skipped"]) == (120, 150)
    assert fresh.get("/v1/collections/demo/status?listed=0").json()["left_out"] == []
    assert fresh.get("/v1/collections/demo/status?listed=10001").status_code == 400


def test_a_path_says_where_it_is_indexed(fresh: TestClient, tmp_path: Path) -> None:
    settled(fresh, "demo")
    file = next(path for path in (tmp_path / "collections/demo").iterdir() if path.is_file())
    (place,) = fresh.get("/v1/whereabouts", params={"path": str(file)}).json()["places"]
    assert (place["collection"], place["file"], place["state"]) == ("demo", file.name, "indexed")
    assert place["mtime"] == pytest.approx(file.stat().st_mtime)
    assert place["files"] == {"indexed": 1, "waiting": 0, "failed": 0, "skipped": 0}


def test_a_path_in_no_collection_is_outside(http: TestClient) -> None:
    (place,) = http.get("/v1/whereabouts?path=/nowhere/at/all").json()["places"]
    assert (place["collection"], place["state"], place["mtime"]) == (None, "outside", None)


@pytest.mark.parametrize("path", ["", "a.md", "/a%00b"])
def test_a_path_that_is_none_is_refused(http: TestClient, path: str) -> None:
    answer = http.get(f"/v1/whereabouts?path={path}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "path")
