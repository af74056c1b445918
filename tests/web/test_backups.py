from pathlib import Path

from starlette.testclient import TestClient

from tests.backup.saving import read, restored, searched
from trinax.settings import Settings


def test_a_server_writes_a_backup_while_it_serves(fresh: TestClient, tmp_path: Path) -> None:
    answer = fresh.get("/v1/backup")
    assert answer.headers["content-type"] == "application/x-tar"
    assert answer.headers["content-disposition"] == 'attachment; filename="trinax-backup.tar"'
    (tmp_path / "a.tar").write_bytes(answer.content)
    elsewhere = Settings(base=tmp_path / "elsewhere")
    assert restored(tmp_path / "a.tar", elsewhere).added == 2
    asked = "Who is the keeper of the lighthouse?"
    hit = fresh.post("/v1/search", json={"query": asked}).json()["hits"][0]
    assert searched(elsewhere, asked)[0][:2] == ("demo", hit["file"])


def test_documents_can_be_left_out(fresh: TestClient, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(fresh.get("/v1/backup?documents=false").content)
    assert not [part for part in read(tmp_path / "a.tar").parts if "documents" in part.name]
    assert list((tmp_path / "var" / "incoming").glob("*")) == []
