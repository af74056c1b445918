import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import GUIDE
from trinax.settings import Settings

FILES = "/v1/sources?collection=demo"
GUIDE_CHUNKS = "/v1/sources/demo/guide.md/chunks"


def first_chunk(http: TestClient) -> Any:
    return http.get(GUIDE_CHUNKS).json()["chunks"][0]


def test_files_are_listed_with_their_own_size(http: TestClient) -> None:
    listed = http.get(FILES).json()
    assert listed["collection"] == "demo"
    assert {source["file"] for source in listed["sources"]} == {"guide.md", "timer.py"}
    guide = next(source for source in listed["sources"] if source["file"] == "guide.md")
    assert set(guide) == {"file", "chunks", "size", "mtime", "preview"}
    assert guide["size"] == len(GUIDE.encode())
    assert len(guide["preview"]) <= 200


def test_files_come_in_pages(http: TestClient) -> None:
    everything = http.get(FILES).json()["sources"]
    assert http.get(FILES + "&limit=1&offset=1").json()["sources"] == everything[1:2]


def test_the_collection_is_default_unless_named(http: TestClient) -> None:
    assert http.get("/v1/sources").json()["error"]["code"] == "collection_not_found"


def test_chunks_reproduce_the_file(http: TestClient) -> None:
    data = GUIDE.encode()
    for chunk in http.get(GUIDE_CHUNKS).json()["chunks"]:
        span = data[chunk["metadata"]["start_byte"] : chunk["metadata"]["end_byte"]]
        assert span.decode() == chunk["text"]
        assert chunk["metadata"]["sha256"] == hashlib.sha256(span).hexdigest()


def test_chunks_have_the_promised_keys(http: TestClient) -> None:
    listed = http.get(GUIDE_CHUNKS).json()
    assert set(listed) == {"collection", "file", "total", "query", "chunks"}
    assert set(listed["chunks"][0]) == {
        "id", "index", "text", "start_line", "end_line", "page", "metadata",
    }  # fmt: skip


def test_chunks_can_be_narrowed_by_a_text(http: TestClient) -> None:
    found = http.get(GUIDE_CHUNKS, params={"q": "MARTA"}).json()
    assert (found["total"], found["query"]) == (len(found["chunks"]), "MARTA")
    assert all("Marta" in chunk["text"] for chunk in found["chunks"])
    assert http.get(GUIDE_CHUNKS, params={"q": "zebra"}).json()["total"] == 0


def test_a_limit_out_of_range_is_brought_into_it(http: TestClient) -> None:
    assert len(http.get(GUIDE_CHUNKS, params={"limit": -5}).json()["chunks"]) == 1
    assert http.get(GUIDE_CHUNKS, params={"limit": 100_000}).status_code == 200


@pytest.mark.parametrize("params", [{"limit": "ten"}, {"offset": "-1"}, {"offset": "9" * 5000}])
def test_a_page_that_is_no_number_is_refused(http: TestClient, params: dict[str, str]) -> None:
    assert http.get(GUIDE_CHUNKS, params=params).status_code == 400


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/sources?collection=nowhere", "collection_not_found"),
        ("/v1/sources/nowhere/guide.md/chunks", "collection_not_found"),
        ("/v1/sources/demo/none.md/chunks", "source_not_found"),
        ("/v1/sources/demo/none.md", "source_not_found"),
        ("/v1/sources/demo/..%2F..%2Fsecret.md", "source_not_found"),
        ("/v1/citations/none", "chunk_not_found"),
        ("/v1/citations/00000000-0000-0000-0000-000000000000", "chunk_not_found"),
    ],
)
def test_what_is_unknown_is_not_found(http: TestClient, path: str, code: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_a_file_is_shown_with_line_numbers(http: TestClient) -> None:
    shown = http.get("/v1/sources/demo/guide.md").json()
    assert shown["lines"][0] == {"line": 1, "text": "# Lighthouse handbook"}
    assert [line["text"] for line in shown["lines"]] == GUIDE.splitlines()
    assert shown["total"] == len(GUIDE.splitlines())


def test_lines_come_in_pages(http: TestClient) -> None:
    shown = http.get("/v1/sources/demo/guide.md?offset=2&limit=1").json()
    assert shown["lines"] == [{"line": 3, "text": "## Lamp"}]


def test_a_file_that_is_not_indexed_is_not_shown(fresh: TestClient, tmp_path: Path) -> None:
    (tmp_path / "collections" / "demo" / ".env").write_text("KEY=1")
    assert fresh.get("/v1/sources/demo/.env").status_code == 404


def test_an_untouched_citation_is_fresh(http: TestClient) -> None:
    chunk = first_chunk(http)
    checked = http.get(f"/v1/citations/{chunk['id']}").json()
    assert (checked["status"], checked["text"]) == ("fresh", chunk["text"])


def keeper(http: TestClient) -> Any:
    return http.get(GUIDE_CHUNKS, params={"q": "Marta"}).json()["chunks"][-1]


def checked(http: TestClient, chunk: Any) -> Any:
    return http.get(f"/v1/citations/{chunk['id']}").json()


def reindex(http: TestClient) -> None:
    state = http.post("/v1/collections/demo/reindex").json()["state"]
    deadline_s = time.monotonic() + 20
    while state == "indexing" and time.monotonic() < deadline_s:
        state = http.get("/v1/collections/demo/status").json()["state"]
    assert state == "idle"


def test_a_passage_that_moved_is_fresh_and_says_where_it_stands(
    fresh: TestClient, settings: Settings
) -> None:
    chunk = first_chunk(fresh)
    guide = settings.collections_dir / "demo" / "guide.md"
    guide.write_bytes(b"An older text.\r\n" + GUIDE.encode())
    found = checked(fresh, chunk)
    now = found["now"]
    assert (found["status"], now["start_line"]) == ("fresh", chunk["start_line"] + 1)
    data = guide.read_bytes()[now["start_byte"] : now["end_byte"]]
    assert data.decode() == chunk["text"]


def test_an_edited_passage_is_changed(fresh: TestClient, settings: Settings) -> None:
    chunk = keeper(fresh)
    guide = settings.collections_dir / "demo" / "guide.md"
    guide.write_text(GUIDE.replace("Marta", "Jonas"))
    assert (checked(fresh, chunk)["status"], checked(fresh, chunk)["now"]) == ("changed", None)


def test_a_deleted_files_citations_are_gone(fresh: TestClient, settings: Settings) -> None:
    chunk = first_chunk(fresh)
    (settings.collections_dir / "demo" / "guide.md").unlink()
    assert checked(fresh, chunk)["status"] == "gone"


@pytest.mark.parametrize("text", [GUIDE.replace("Marta", "Jonas"), "Nothing here.\n", ""])
def test_a_chunk_that_left_the_index_is_remembered(
    fresh: TestClient, settings: Settings, text: str
) -> None:
    chunk = keeper(fresh)
    (settings.collections_dir / "demo" / "guide.md").write_text(text)
    reindex(fresh)
    found = checked(fresh, chunk)
    assert (found["status"], found["text"], found["file"]) == ("changed", None, "guide.md")
    assert found["sha256"] == hashlib.sha256(chunk["text"].encode()).hexdigest()


def test_a_file_that_left_the_index_is_gone(fresh: TestClient, settings: Settings) -> None:
    chunk = keeper(fresh)
    (settings.collections_dir / "demo" / "guide.md").unlink()
    reindex(fresh)
    assert (checked(fresh, chunk)["status"], checked(fresh, chunk)["now"]) == ("gone", None)


def test_a_renamed_file_is_gone_and_its_text_is_found(
    fresh: TestClient, settings: Settings
) -> None:
    chunk = keeper(fresh)
    demo = settings.collections_dir / "demo"
    (demo / "guide.md").rename(demo / "handbook.md")
    reindex(fresh)
    found = checked(fresh, chunk)
    assert (found["status"], found["now"]["file"]) == ("gone", "handbook.md")
    assert found["now"]["start_line"] == chunk["start_line"]


def test_a_text_that_is_cut_otherwise_now_is_still_found(
    fresh: TestClient, settings: Settings
) -> None:
    chunk = keeper(fresh)
    guide = settings.collections_dir / "demo" / "guide.md"
    filler = "Nothing of note happened on this day in the harbour town. " * 200
    guide.write_text(GUIDE.rstrip() + " " + filler)
    reindex(fresh)
    found = checked(fresh, chunk)
    assert (found["status"], found["now"]["start_line"]) == ("fresh", chunk["start_line"])


def test_no_absolute_path_leaves_the_server(fresh: TestClient, tmp_path: Path) -> None:
    for path in (FILES, GUIDE_CHUNKS, "/v1/sources/demo/guide.md", "/v1/collections"):
        assert str(tmp_path) not in fresh.get(path).text
