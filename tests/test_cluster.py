"""Several servers over one Qdrant server: one indexes, another only reads."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from qdrant_client import QdrantClient
from starlette.testclient import TestClient

from tests.qdrant import rest
from trinax.app import build, indexes, open_parts
from trinax.cli import main
from trinax.errors import BadSetting, IndexedElsewhere, StoreFailed
from trinax.index.remote import MEMORY
from trinax.settings import Index, Ingest, Settings


@pytest.fixture
def engine() -> Iterator[QdrantClient]:
    engine = QdrantClient(MEMORY, force_disable_check_same_thread=True)
    yield engine
    engine.close()


@pytest.fixture
def wire(engine: QdrantClient) -> rest.Wire:
    return rest.Wire(engine)


@pytest.fixture
def port(wire: rest.Wire) -> Iterator[int]:
    with rest.serving(wire) as port:
        yield port


@pytest.fixture
def indexing(tmp_path: Path, port: int) -> Settings:
    notes = tmp_path / "one" / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "keeper.md").write_text("The keeper is called Marta Lindqvist.\n")
    url = f"http://127.0.0.1:{port}"
    return Settings(base=tmp_path / "one", index=Index(url=url), ingest=Ingest(scan_interval_s=0.2))


@pytest.fixture
def reading(indexing: Settings, tmp_path: Path) -> Settings:
    return replace(indexing, base=tmp_path / "two", ingest=Ingest(enabled=False))


def serving(settings: Settings) -> TestClient:
    return TestClient(build(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 50000))


def search(client: TestClient, query: str = "Who is the keeper?") -> list[str]:
    answer = client.post("/v1/search", json={"query": query})
    assert answer.status_code == 200, answer.text
    return [hit["file"] for hit in answer.json()["hits"]]


def answers(client: TestClient) -> bool:
    return client.post("/v1/search", json={"query": "keeper"}).status_code == 200


def status(client: TestClient) -> Any:
    return client.get("/v1/collections/notes/status").json()


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come to pass"
        time.sleep(0.05)


def indexed(client: TestClient) -> None:
    until(lambda: status(client).get("chunks") == 1 and status(client)["state"] == "idle")


def test_one_indexes_and_the_other_answers(indexing: Settings, reading: Settings) -> None:
    with serving(indexing) as first:
        indexed(first)
        with serving(reading) as second:
            assert search(second) == search(first) == ["keeper.md"]
            told = status(second)
            assert (told["state"], told["chunks"], told["files"]["indexed"]) == ("paused", 1, 1)
            assert told["bytes"] == status(first)["bytes"]
            assert "another server" in told["problem"]
            listed = second.get("/v1/sources", params={"collection": "notes"}).json()
            assert listed == first.get("/v1/sources", params={"collection": "notes"}).json()
            chunks = second.get("/v1/sources/notes/keeper.md/chunks").json()
            assert chunks == first.get("/v1/sources/notes/keeper.md/chunks").json()
            answer = second.post(
                "/v1/chat/completions",
                json={"messages": [{"role": "user", "content": "Who is the keeper?"}]},
            ).json()
            assert "Marta Lindqvist" in answer["choices"][0]["message"]["content"]


def test_what_is_made_and_removed_is_seen_by_the_other(
    indexing: Settings, reading: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trinax.ingest.follower.LOOK_S", 0.1)
    with serving(reading) as second:
        assert second.get("/v1/collections").json()["collections"] == []
        with serving(indexing) as first:
            until(lambda: status(second).get("chunks") == 1)
            folder = indexing.collections_dir / "notes"
            (folder / "lamp.md").write_text("The lamp burns paraffin.\n")
            until(lambda: search(second, "What does the lamp burn?")[:1] == ["lamp.md"])
            until(lambda: status(second)["files"]["indexed"] == 2)
            assert first.delete("/v1/collections/notes").status_code == 200
            until(lambda: second.get("/v1/collections").json()["collections"] == [])
            found = second.post("/v1/search", json={"query": "lamp", "collections": ["notes"]})
            assert found.status_code == 404


REFUSED = [
    ("POST", "/v1/collections/notes/reindex", None),
    ("POST", "/v1/collections/notes/pause", None),
    ("POST", "/v1/collections/notes/resume", None),
    ("POST", "/v1/collections", {"id": "more"}),
    ("POST", "/v1/collections", {"id": "more", "root": "/"}),
    ("PATCH", "/v1/collections/notes", {"id": "more"}),
    ("DELETE", "/v1/collections/notes", None),
    ("DELETE", "/v1/collections/notes/files/keeper.md", None),
    ("GET", "/v1/collections/notes/export", None),
    ("GET", "/v1/sources/notes/keeper.md", None),
]


def test_who_only_reads_changes_nothing(indexing: Settings, reading: Settings) -> None:
    with serving(indexing) as first:
        indexed(first)
        with serving(reading) as second:
            for method, path, body in REFUSED:
                answer = second.request(method, path, json=body)
                assert (answer.status_code, answer.json()["error"]["code"]) == (
                    409,
                    "indexed_elsewhere",
                ), path
            sent = second.post(
                "/v1/collections/notes/files", files={"files": ("a.md", b"apple", "text/plain")}
            )
            assert sent.status_code == 409
            (hit,) = second.post("/v1/search", json={"query": "keeper"}).json()["hits"]
            assert second.get(f"/v1/citations/{hit['chunk_id']}").status_code == 409
        assert search(first) == ["keeper.md"]
        assert not reading.collections_dir.exists()


async def test_a_reader_does_not_index_when_it_is_told_to(reading: Settings) -> None:
    async with open_parts(reading) as parts:
        with pytest.raises(IndexedElsewhere):
            await parts.ingest.reconcile()


async def test_only_a_server_of_an_index_elsewhere_can_do_without_indexing(
    reading: Settings,
) -> None:
    with pytest.raises(BadSetting, match=r"index\.url"):
        await open_parts(replace(reading, index=Index())).__aenter__()


def test_while_it_is_away_searches_are_503_and_then_go_on(
    indexing: Settings, reading: Settings, engine: QdrantClient
) -> None:
    with ExitStack() as running, ExitStack() as servers:
        port = running.enter_context(rest.serving(rest.Wire(engine)))
        index = Index(url=f"http://127.0.0.1:{port}")
        first = servers.enter_context(serving(replace(indexing, index=index)))
        indexed(first)
        second = servers.enter_context(serving(replace(reading, index=index)))
        assert search(second) == ["keeper.md"]
        running.close()
        for client in (first, second):
            answer = client.post("/v1/search", json={"query": "keeper"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["error"]["code"] == "store_failed"
            assert client.get("/health").status_code == 200
        folder = indexing.collections_dir / "notes"
        (folder / "lamp.md").write_text("The lamp burns paraffin.\n")
        running.enter_context(rest.serving(rest.Wire(engine), port))
        until(lambda: answers(first) and answers(second))
        until(lambda: search(first, "What does the lamp burn?")[:1] == ["lamp.md"])
        assert search(second, "What does the lamp burn?")[:1] == ["lamp.md"]
        until(lambda: status(first)["files"]["indexed"] == 2)


async def test_a_start_without_the_server_fails_with_its_reason(
    indexing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trinax.index.outage.LONGEST_PAUSE_S", 0.01)
    nobody = Index(url="http://127.0.0.1:9")
    with pytest.raises(StoreFailed, match=r"index\.url"):
        await open_parts(replace(indexing, index=nobody)).__aenter__()


async def test_the_key_of_the_server_may_stand_in_a_file(
    indexing: Settings, wire: rest.Wire
) -> None:
    wire.api_key = "right"
    (indexing.base / "key").write_text("right\n")
    with pytest.raises(StoreFailed, match="refused"):
        await open_parts(indexing).__aenter__()
    index = replace(indexing.index, api_key_file="key")
    async with open_parts(replace(indexing, index=index)) as parts:
        assert parts.registry.ids() == []


def moved(settings: Settings, to: str, *ids: str) -> Any:
    arguments = ["collections", "move", *ids, "--to", to, "--json"]
    environment = {"TRINAX_INDEX_URL": settings.index.url}
    places = ["--data-dir", str(settings.data_dir)]
    places += ["--collections-dir", str(settings.collections_dir)]
    return CliRunner().invoke(main, [*arguments, *places], env=environment)


async def test_an_index_moves_there_and_back_and_nothing_is_read_again(
    indexing: Settings, wire: rest.Wire
) -> None:
    embedded = replace(indexing, index=Index())
    async with open_parts(embedded) as parts:
        await parts.ingest.reconcile()
    assert moved(indexing, "cluster").exit_code == 0
    async with open_parts(indexing) as parts:
        outcome = await parts.ingest.reconcile()
        assert (outcome.unchanged, outcome.chunks_embedded) == (1, 0)
        (indexing.collections_dir / "notes" / "lamp.md").write_text("The lamp burns paraffin.\n")
        assert (await parts.ingest.reconcile()).added == 1
    done = moved(indexing, "embedded", "notes")
    assert '"chunks": 2' in done.output
    async with open_parts(embedded) as parts:
        outcome = await parts.ingest.reconcile()
        assert (outcome.unchanged, outcome.chunks_embedded) == (2, 0)
        assert parts.registry.get("notes").count() == 2


def test_a_command_of_a_reader_answers_without_indexing(
    indexing: Settings, reading: Settings, tmp_path: Path
) -> None:
    with serving(indexing) as first:
        indexed(first)
    file = tmp_path / "reader.toml"
    file.write_text(f"[index]\nurl = '{reading.index.url}'\n[ingest]\nenabled = false\n")
    for command, shown in (
        (["search", "keeper"], "Marta Lindqvist"),
        (["collections", "list"], "notes"),
    ):
        done = CliRunner().invoke(main, [*command, "--config", str(file)])
        assert (done.exit_code, shown in done.output) == (0, True), done.output
    refused = CliRunner().invoke(main, ["index", str(tmp_path), "--config", str(file)])
    assert (refused.exit_code, "only reads" in refused.output) == (1, True)


async def test_what_cannot_be_moved_says_why(indexing: Settings, reading: Settings) -> None:
    async with open_parts(indexing) as parts:
        await parts.ingest.reconcile()
        assert "in use" in moved(indexing, "embedded").output
    unknown = moved(indexing, "embedded", "nobody")
    assert (unknown.exit_code, "'nobody'" in unknown.output) == (1, True)
    assert "index.url" in moved(replace(indexing, index=Index()), "cluster").output
    with indexes(reading) as (_, there), pytest.raises(IndexedElsewhere):
        there.get("notes").replace({})
