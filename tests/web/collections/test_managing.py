import threading
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.collections.asking import found, settled
from tests.web.conftest import serving
from trinax.settings import Settings


@pytest.fixture
def home(settings: Settings) -> Path:
    return settings.collections_dir


def test_a_collection_is_made_with_an_empty_folder(fresh: TestClient, home: Path) -> None:
    made = fresh.post("/v1/collections", json={"id": "sea"})
    assert (made.status_code, made.json()["id"]) == (201, "sea")
    assert [*(home / "sea").iterdir()] == []
    assert found(fresh, "whale", "sea") == []


def test_a_collection_is_made_once(fresh: TestClient) -> None:
    again = fresh.post("/v1/collections", json={"id": "demo"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "collection_exists")


def test_a_renamed_collection_is_found_by_its_new_id_alone(fresh: TestClient, home: Path) -> None:
    assert fresh.patch("/v1/collections/demo", json={"id": "light"}).json()["id"] == "light"
    assert settled(fresh, "light")["files"]["indexed"] == 2
    assert found(fresh, "Marta", "light") == ["guide.md"]
    assert fresh.get("/v1/collections/demo").status_code == 404
    assert fresh.post("/v1/search", json={"query": "x", "collections": ["demo"]}).status_code == 404
    assert (home / "light" / "guide.md").is_file()
    assert not (home / "demo").exists()


def test_a_citation_outlives_the_renaming_of_its_collection(fresh: TestClient) -> None:
    hit = fresh.post("/v1/search", json={"query": "Marta"}).json()["hits"][0]
    fresh.patch("/v1/collections/demo", json={"id": "light"})
    cited = fresh.get(f"/v1/citations/{hit['chunk_id']}").json()
    assert (cited["status"], cited["now"]["collection_id"]) == ("fresh", "light")


@pytest.mark.parametrize(
    ("id", "status"), [("demo", 409), ("vault", 409), ("Not A Slug", 400), ("", 400)]
)
def test_an_id_that_is_taken_or_none_is_refused(
    fresh: TestClient, home: Path, id: str, status: int
) -> None:
    (home / "vault").mkdir()
    assert fresh.patch("/v1/collections/demo", json={"id": id}).status_code == status
    assert found(fresh, "Marta", "demo") == ["guide.md"]


def test_a_deleted_collection_is_gone_and_its_files_are_not(fresh: TestClient, home: Path) -> None:
    answer = fresh.delete("/v1/collections/demo").json()
    assert (answer["id"], answer["deleted"]) == ("demo", True)
    assert (home / answer["moved_to"] / "guide.md").is_file()
    assert found(fresh, "Marta") == []
    assert fresh.get("/v1/collections").json()["collections"] == []


def test_a_folder_outside_is_left_as_it_is(fresh: TestClient, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "whale.md").write_text("A whale.")
    fresh.post("/v1/collections", json={"id": "sea", "root": str(outside)})
    settled(fresh, "sea")
    assert fresh.delete("/v1/collections/sea").json()["moved_to"] is None
    assert (outside / "whale.md").read_text() == "A whale."
    assert fresh.get("/v1/collections/sea").status_code == 404


def test_a_deleted_id_can_be_used_again(fresh: TestClient) -> None:
    fresh.delete("/v1/collections/demo")
    assert fresh.post("/v1/collections", json={"id": "demo"}).status_code == 201
    assert found(fresh, "Marta", "demo") == []


def test_what_the_configuration_names_is_neither_renamed_nor_deleted(
    settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    with serving(replace(settings, roots={"work": (str(outside),)})) as http:
        renamed = http.patch("/v1/collections/work", json={"id": "play"})
        deleted = http.delete("/v1/collections/work")
    for answer in (renamed, deleted):
        assert answer.status_code == 409
        assert "remove the line 'work = …' under [roots]" in answer.json()["error"]["message"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_is_not_there_is_not_changed(fresh: TestClient, method: str) -> None:
    body = {"id": "other"} if method == "PATCH" else None
    assert fresh.request(method, "/v1/collections/nowhere", json=body).status_code == 404


def test_one_of_two_renamings_at_once_wins(fresh: TestClient) -> None:
    statuses: list[int] = []

    def rename(id: str) -> None:
        statuses.append(fresh.patch("/v1/collections/demo", json={"id": id}).status_code)

    threads = [threading.Thread(target=rename, args=(id,)) for id in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 404]
    (left,) = fresh.get("/v1/collections").json()["collections"]
    assert left["files"]["indexed"] == 2


def test_searches_go_on_while_collections_come_and_go(fresh: TestClient) -> None:
    statuses: set[int] = set()
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            statuses.add(fresh.post("/v1/search", json={"query": "lamp"}).status_code)

    searching = threading.Thread(target=search)
    searching.start()
    for old, new in (("demo", "a"), ("a", "b"), ("b", "c")):
        assert fresh.patch(f"/v1/collections/{old}", json={"id": new}).status_code == 200
    assert fresh.delete("/v1/collections/c").status_code == 200
    done.set()
    searching.join()
    assert statuses == {200}


def test_a_paused_collection_is_left_as_it_is(fresh: TestClient, home: Path) -> None:
    paused = fresh.post("/v1/collections/demo/pause").json()
    assert (paused["state"], paused["problem"]) == ("paused", "paused by request")
    (home / "demo" / "new.md").write_text("A walrus.")
    refused = fresh.post("/v1/collections/demo/reindex")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "collection_paused")
    assert found(fresh, "Marta", "demo") == ["guide.md"]
    fresh.post("/v1/collections/demo/resume")
    assert settled(fresh, "demo")["files"]["indexed"] == 3


def test_a_pause_is_remembered(settings: Settings) -> None:
    with serving(settings) as http:
        http.post("/v1/collections/demo/pause")
    (settings.collections_dir / "demo" / "new.md").write_text("A walrus.")
    with serving(settings) as http:
        status = http.get("/v1/collections/demo").json()
        assert (status["state"], status["files"]["indexed"]) == ("paused", 2)
