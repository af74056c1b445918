import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.ingest.archiving import WIDTH, built
from tests.web.collections.asking import found, settled, upload
from tests.web.conftest import folders, serving
from trinax.ingest import archives
from trinax.ingest.archives import VECTORS
from trinax.ingest.imported import packed
from trinax.settings import Settings


def take_in(http: TestClient, collection: str, archive: bytes) -> Any:
    return http.post(f"/v1/collections/{collection}/import", content=archive)


def test_an_exported_collection_is_imported_elsewhere(fresh: TestClient, tmp_path: Path) -> None:
    upload(fresh, "demo", [("sea/wal rus.md", "Die Stoßzähne".encode())])
    settled(fresh, "demo")
    archive = fresh.get("/v1/collections/demo/export")
    assert archive.headers["content-disposition"] == 'attachment; filename="demo.tar"'
    with serving(folders(tmp_path / "elsewhere")) as there:
        taken = take_in(there, "copy", archive.content).json()
        assert (taken["id"], taken["added"], taken["refused"]) == ("copy", 3, [])
        status = settled(there, "copy")
        assert taken["vectors"] == status["chunks"] > 0
        assert found(there, "Stoßzähne", "copy") == ["sea/wal rus.md"]


def test_an_archive_is_a_tar_of_the_documents(fresh: TestClient, tmp_path: Path) -> None:
    archive = fresh.get("/v1/collections/demo/export").content
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        guide = tar.extractfile("documents/guide.md")
        assert guide is not None
        assert guide.read() == (tmp_path / "collections/demo/guide.md").read_bytes()


def test_an_import_replaces_what_is_there(fresh: TestClient, tmp_path: Path) -> None:
    archive = fresh.get("/v1/collections/demo/export").content
    guide = tmp_path / "collections/demo/guide.md"
    before = guide.read_bytes()
    guide.write_text("Something else.")
    taken = take_in(fresh, "demo", archive).json()
    assert (taken["replaced"], taken["unchanged"]) == (1, 1)
    assert guide.read_bytes() == before


def test_vectors_of_another_embedder_are_left(fresh: TestClient) -> None:
    part = packed(["text"], [np.eye(WIDTH, dtype=np.float32)[0]], WIDTH)
    archive = built({"a.md": b"alpha"}, archives.member(f"{VECTORS}1", part), vectors=1)
    assert take_in(fresh, "sea", archive).json()["vectors"] == 0
    settled(fresh, "sea")
    assert found(fresh, "alpha", "sea") == ["a.md"]


@pytest.mark.parametrize("archive", [b"no tar at all", built({"a.md": b"x", "../b.md": b"x"})])
def test_a_broken_or_hostile_archive_changes_nothing(fresh: TestClient, archive: bytes) -> None:
    for collection in ("demo", "sea"):
        answer = take_in(fresh, collection, archive)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_archive")
    assert fresh.get("/v1/collections/sea").status_code == 404
    assert fresh.get("/v1/collections/demo").json()["files"]["total"] == 2


def test_limits_of_archives_are_kept(settings: Settings) -> None:
    ingest = replace(
        settings.ingest, import_limit_bytes=20_000, import_files=2, file_limit_bytes=2000
    )
    with serving(replace(settings, ingest=ingest)) as http:
        assert take_in(http, "sea", b"\0" * 30_000).status_code == 413
        assert "over 2000 bytes" in take_in(http, "sea", built({"a.md": b"x" * 2001})).text
        many = {f"{n}.md": b"x" for n in range(3)}
        assert "more than 2 documents" in take_in(http, "sea", built(many)).text


def test_an_id_that_is_no_slug_is_refused(fresh: TestClient) -> None:
    assert take_in(fresh, "Not a slug", built({"a.md": b"x"})).status_code == 400
