import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from qdrant_client import QdrantClient

from tests.contracts.renewal import NEW, OLD, nearest, of
from tests.contracts.store import COLLECTION, entries, texts
from tests.qdrant import rest
from trinax.errors import CollectionNotFound, IndexedElsewhere, StoreFailed
from trinax.index.cluster import ClusterStore
from trinax.index.cluster_reader import FRESH_S, ClusterReader
from trinax.index.registry import Registry
from trinax.index.remote import MEMORY, PREFIX, Server
from trinax.settings import Index


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Index(url=MEMORY))
    yield server
    server.close()


def writer(server: Server, embedder: tuple[int, str] = OLD) -> ClusterStore:
    return ClusterStore(server, COLLECTION, *embedder, lambda _: None)


def reader(server: Server, embedder: tuple[int, str] = OLD) -> ClusterReader:
    return ClusterReader(server, COLLECTION, *embedder, lambda _: None)


def test_it_sees_what_another_writes(server: Server) -> None:
    written = writer(server)
    read = reader(server)
    written.replace(entries("a.md", "apple", "banana"))
    assert texts(read, "banana") == ["banana"]
    assert read.files() == written.files()
    assert read.chunks("a.md") == written.chunks("a.md")
    assert read.ids() == written.ids()
    written.delete(["a.md"])
    assert (read.count(), texts(read, "banana")) == (0, [])


def test_it_writes_nothing(server: Server) -> None:
    writer(server).replace(of(OLD))
    read = reader(server)
    with pytest.raises(IndexedElsewhere):
        read.replace(of(OLD))
    with pytest.raises(IndexedElsewhere):
        read.delete(["a.md"])
    with pytest.raises(IndexedElsewhere):
        read.touch("a.md", 1, 1.0)
    with pytest.raises(IndexedElsewhere):
        read.drop()
    assert read.count() == 3


def test_it_makes_nothing(server: Server) -> None:
    with pytest.raises(CollectionNotFound):
        reader(server)
    assert server.client.get_collections().collections == []


def test_it_follows_a_switch(server: Server) -> None:
    writer(server).replace(of(OLD))
    read = reader(server, NEW)
    with read.view() as view:
        assert view.former is not None
        query = np.eye(OLD[0], dtype=np.float32)[1]
        assert view.passages.candidates(query, None, 1).dense[0].score == pytest.approx(1)
    again = writer(server, NEW)
    again.replace(of(NEW))
    again.switch()
    assert nearest(read, NEW, 1) == "apple green"
    with read.view() as view:
        assert view.former is None


def test_what_is_known_of_a_switch_is_at_most_so_old(server: Server) -> None:
    writer(server).replace(of(OLD))
    other = Server(Index(url=MEMORY))
    own, other.client = other.client, server.client
    before = other.serving(FRESH_S)
    again = writer(server, NEW)
    again.replace(of(NEW))
    again.switch()
    assert other.serving(FRESH_S) == before
    assert other.serving(0.0) == server.serving() != before
    own.close()


def test_what_a_newer_trinax_wrote_is_not_read(server: Server) -> None:
    writer(server)
    server.client.update_collection(PREFIX + COLLECTION, metadata={"format": 99})
    with pytest.raises(StoreFailed, match="newer trinax"):
        reader(server)


def test_what_an_older_trinax_wrote_is_not_read(server: Server) -> None:
    writer(server)
    server.client.update_collection(PREFIX + COLLECTION, metadata={"format": 1})
    with pytest.raises(StoreFailed, match="older trinax"):
        reader(server)


def test_a_registry_finds_what_others_make_and_drop(server: Server) -> None:
    registry = Registry(lambda _: reader(server), server.known(), server.serving)
    assert registry.ids() == []
    written = writer(server)
    registry.refresh()
    assert registry.get(COLLECTION).count() == 0
    written.drop()
    registry.refresh()
    assert registry.ids() == []


def test_a_registry_of_its_own_stores_asks_nobody() -> None:
    registry = Registry(lambda _: pytest.fail("it is opened"), ["notes"])
    registry.refresh()
    assert registry.ids() == ["notes"]


@pytest.mark.slow
def test_searches_of_readers_survive_a_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trinax.index.cluster.GRACE_S", FRESH_S + 1)
    engine = QdrantClient(MEMORY, force_disable_check_same_thread=True)
    with rest.serving(rest.Wire(engine)) as port:
        servers = [Server(Index(url=f"http://127.0.0.1:{port}")) for _ in range(3)]
        writer(servers[0]).replace(of(OLD))
        again = writer(servers[0], NEW)
        again.replace(of(NEW))
        readers = [reader(server, NEW) for server in servers[1:]]
        with ThreadPoolExecutor(2) as pool:
            ended = threading.Event()
            searching = [pool.submit(searched_until, one, ended) for one in readers]
            again.switch()
            ended.set()
            seen = [one.result() for one in searching]
        # Each found it by the vectors of the one model, then by those of the other.
        assert seen == [[OLD, NEW], [OLD, NEW]]
        assert len(servers[0].indexes(COLLECTION)) == 1
        for server in servers:
            server.close()
    engine.close()


def searched_until(read: ClusterReader, ended: threading.Event) -> list[tuple[int, str]]:
    """By which embedder's vectors the store was searched, without repetitions."""
    found: list[tuple[int, str]] = []
    while not ended.is_set():
        with read.view() as view:
            embedder = OLD if view.former else NEW
            query = np.eye(embedder[0], dtype=np.float32)[1]
            (hit,) = view.passages.candidates(query, None, 1).dense
            assert hit.score == pytest.approx(1, abs=1e-4)
            (passage,) = view.passages.fetch([hit.chunk_id])
            assert passage.chunk.text == "apple green"
        if found[-1:] != [embedder]:
            found.append(embedder)
    return found
