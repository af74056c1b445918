from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.collections.asking import found, settled, upload
from tests.web.conftest import serving
from trinax.ingest.uploads import INCOMING
from trinax.settings import Ingest, Settings

WALRUS = ("walrus.md", b"# Walrus\n\nThe walrus has tusks.\n")


@pytest.fixture
def demo(settings: Settings) -> Path:
    return settings.collections_dir / "demo"


@pytest.fixture
def narrow(settings: Settings) -> Iterator[TestClient]:
    """With low limits."""
    ingest = Ingest(scan_interval_s=0, file_limit_bytes=50, upload_limit_bytes=3000, upload_files=3)
    with serving(replace(settings, ingest=ingest)) as http:
        yield http


def test_a_file_is_kept_and_found(fresh: TestClient, demo: Path) -> None:
    answer = upload(fresh, "demo", [WALRUS])
    assert answer.status_code == 201
    (row,) = answer.json()["files"]
    assert row == {"file": "walrus.md", "bytes": len(WALRUS[1]), "outcome": "added"}
    settled(fresh, "demo")
    assert found(fresh, "tusks", "demo") == ["walrus.md"]
    assert (demo / "walrus.md").read_bytes() == WALRUS[1]


def test_a_name_may_hold_folders(fresh: TestClient, demo: Path) -> None:
    upload(fresh, "demo", [("sea/cold/walrus.md", b"tusks")])
    assert (demo / "sea/cold/walrus.md").read_bytes() == b"tusks"


def test_what_is_there_is_replaced_or_left(fresh: TestClient, demo: Path) -> None:
    upload(fresh, "demo", [("a.md", b"one"), ("b.md", b"two")])
    rows = upload(fresh, "demo", [("a.md", b"one"), ("b.md", b"new")]).json()["files"]
    assert [row["outcome"] for row in rows] == ["unchanged", "replaced"]
    assert (demo / "b.md").read_bytes() == b"new"


def test_good_files_are_taken_beside_bad_ones(fresh: TestClient) -> None:
    answer = upload(fresh, "demo", [("../x.md", b"x"), WALRUS, (".env", b"KEY=1")])
    assert answer.status_code == 201
    assert [row["file"] for row in answer.json()["files"]] == ["walrus.md"]
    assert [row["file"] for row in answer.json()["refused"]] == ["../x.md", ".env"]


def test_bad_files_alone_are_refused_with_reasons(fresh: TestClient) -> None:
    answer = upload(fresh, "demo", [("a.exe", b"MZ"), ("/etc/passwd", b"x")])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "files_refused")
    assert "'a.exe': it would not be indexed" in answer.json()["error"]["message"]
    assert "'/etc/passwd': its path is absolute" in answer.json()["error"]["message"]


def test_a_file_twice_in_one_request_is_taken_once(fresh: TestClient, demo: Path) -> None:
    answer = upload(fresh, "demo", [("a.md", b"one"), ("a.md", b"two")]).json()
    assert [row["reason"] for row in answer["refused"]] == ["it stands in the request twice"]
    assert (demo / "a.md").read_bytes() == b"one"


def test_a_link_in_the_way_is_not_followed(fresh: TestClient, demo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.md").write_text("kept")
    (demo / "link").symlink_to(outside)
    (demo / "kept.md").symlink_to(outside / "kept.md")
    answer = upload(fresh, "demo", [("link/a.md", b"x"), ("kept.md", b"x")])
    assert answer.status_code == 400
    assert [each.name for each in outside.iterdir()] == ["kept.md"]
    assert (outside / "kept.md").read_text() == "kept"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.md"\r\n\r\nhalf',
        b"nothing of the kind",
    ],
)
def test_what_is_no_whole_form_leaves_nothing(
    fresh: TestClient, settings: Settings, demo: Path, body: bytes
) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = fresh.post("/v1/collections/demo/files", content=body, headers=headers)
    assert answer.status_code == 400
    assert not (demo / "a.md").exists()
    assert [*(settings.data_dir / INCOMING).iterdir()] == []


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "text/plain"])
def test_another_body_is_refused(fresh: TestClient, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = fresh.post("/v1/collections/demo/files", content=b"{}", headers=headers)
    assert answer.status_code == 400


def test_limits_are_kept(narrow: TestClient) -> None:
    assert upload(narrow, "demo", [("a.md", b"x" * 5000)]).status_code == 413
    large = upload(narrow, "demo", [("a.md", b"x" * 51)])
    assert (large.status_code, "larger than 50" in large.text) == (400, True)
    many = upload(narrow, "demo", [(f"{n}.md", b"x") for n in range(4)])
    assert (many.status_code, "more than 3 files" in many.text) == (400, True)


def test_a_body_beyond_the_limit_of_others_is_taken(fresh: TestClient) -> None:
    assert upload(fresh, "demo", [("a.md", b"word " * 400_000)]).status_code == 201


def test_a_collection_without_a_folder_gets_one(
    fresh: TestClient, settings: Settings, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    fresh.post("/v1/collections", json={"id": "sea", "root": str(outside)})
    assert upload(fresh, "sea", [WALRUS]).status_code == 201
    assert (settings.collections_dir / "sea" / "walrus.md").is_file()
    assert [*outside.iterdir()] == []


def test_a_folder_that_is_gone_is_not_made_anew(fresh: TestClient, demo: Path) -> None:
    demo.rename(demo.parent.parent / "unplugged")
    answer = upload(fresh, "demo", [WALRUS])
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "folder_failed")
    assert not demo.exists()


def test_a_folder_that_cannot_be_written_is_said(fresh: TestClient, demo: Path) -> None:
    (demo / "sea").write_text("a file")
    answer = upload(fresh, "demo", [("sea/a.md", b"x")])
    assert (answer.status_code, "a file or a link" in answer.text) == (400, True)


def test_a_deleted_file_is_not_found_any_more(fresh: TestClient, demo: Path) -> None:
    answer = fresh.delete("/v1/collections/demo/files/guide.md")
    assert answer.json() == {"id": "demo", "file": "guide.md", "deleted": True}
    assert found(fresh, "Marta") == []
    assert not (demo / "guide.md").exists()
    assert settled(fresh, "demo")["files"]["indexed"] == 1


@pytest.mark.parametrize("file", ["nothing.md", "../demo/guide.md", "%2e%2e/x", "a%00b"])
def test_an_unknown_file_is_not_deleted(fresh: TestClient, file: str) -> None:
    assert fresh.delete(f"/v1/collections/demo/files/{file}").status_code == 404


def test_a_file_of_a_folder_outside_is_not_deleted(fresh: TestClient, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "whale.md").write_text("A whale.")
    fresh.post("/v1/collections", json={"id": "sea", "root": str(outside)})
    settled(fresh, "sea")
    answer = fresh.delete("/v1/collections/sea/files/whale.md")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "file_outside")
    assert (outside / "whale.md").is_file()
