import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from tests.contracts.store import COLLECTION, WIDTH, MakeStore, StoreContract, entries
from tests.qdrant import rest, rpc
from trinax.errors import StoreFailed
from trinax.index.cluster import ClusterStore
from trinax.index.ports import Store
from trinax.index.remote import MEMORY, PREFIX, Server
from trinax.settings import Index

SERVER = os.environ.get("TRINAX_TEST_QDRANT_URL", "")
GRPC_PORT = int(os.environ.get("TRINAX_TEST_QDRANT_GRPC_PORT", "6334"))
no_server = pytest.mark.skipif(not SERVER, reason="TRINAX_TEST_QDRANT_URL names no Qdrant server")


def opened(server: Server, embedder: str = "static-1", collection: str = COLLECTION) -> Store:
    return ClusterStore(server, collection, WIDTH, embedder, lambda _: None)


def opener(server: Server) -> MakeStore:
    return lambda: opened(server)


@pytest.fixture
def memory() -> Iterator[Server]:
    server = Server(Index(url=MEMORY))
    yield server
    server.close()


@pytest.fixture
def engine() -> Iterator[QdrantClient]:
    """To be called by the threads of a server, one at a time."""
    engine = QdrantClient(MEMORY, force_disable_check_same_thread=True)
    yield engine
    engine.close()


def cleared(settings: Index) -> Iterator[MakeStore]:
    server = Server(settings)
    for name in server.indexes(COLLECTION):
        server.remove(COLLECTION, name)
    yield opener(server)
    for name in server.indexes(COLLECTION):
        server.remove(COLLECTION, name)
    server.close()


class TestClusterStore(StoreContract):
    @pytest.fixture
    def make_store(self, memory: Server) -> MakeStore:
        return opener(memory)


class TestClusterStoreOverHttp(StoreContract):
    @pytest.fixture
    def make_store(self, engine: QdrantClient) -> Iterator[MakeStore]:
        with rest.serving(rest.Wire(engine)) as port:
            yield from cleared(Index(url=f"http://127.0.0.1:{port}"))


class TestClusterStoreOverGrpc(StoreContract):
    @pytest.fixture
    def make_store(self, engine: QdrantClient) -> Iterator[MakeStore]:
        with rpc.serving(rest.Wire(engine)) as port:
            yield from cleared(Index(url="http://127.0.0.1:9", grpc=True, grpc_port=port))


@no_server
class TestClusterStoreOnServer(StoreContract):
    @pytest.fixture
    def make_store(self) -> Iterator[MakeStore]:
        yield from cleared(Index(url=SERVER))


@no_server
class TestClusterStoreOnServerOverGrpc(StoreContract):
    @pytest.fixture
    def make_store(self) -> Iterator[MakeStore]:
        yield from cleared(Index(url=SERVER, grpc=True, grpc_port=GRPC_PORT))


def test_a_collection_of_a_newer_format_is_left_alone(memory: Server) -> None:
    opened(memory).replace(entries("a.md", "apple"))
    memory.client.update_collection(PREFIX + COLLECTION, metadata={"format": 99})
    with pytest.raises(StoreFailed, match="newer trinax"):
        opened(memory)
    assert memory.client.count(PREFIX + COLLECTION).count == 1


def test_a_collection_of_an_older_format_is_made_anew(memory: Server) -> None:
    opened(memory).replace(entries("a.md", "apple"))
    memory.client.update_collection(PREFIX + COLLECTION, metadata={"format": 1})
    store = opened(memory)
    assert (store.fresh, store.renewed, store.count()) == (True, False, 0)
    assert len(memory.indexes(COLLECTION)) == 1


def test_a_collection_without_an_alias_is_made_anew(memory: Server) -> None:
    memory.client.create_collection(PREFIX + COLLECTION, vectors_config={})
    store = opened(memory)
    store.replace(entries("a.md", "apple"))
    assert (store.fresh, store.count()) == (True, 1)
    (name,) = memory.indexes(COLLECTION)
    assert memory.serving() == {COLLECTION: name}


def test_an_id_that_begins_like_another_is_left_alone(memory: Server) -> None:
    other = opened(memory, collection=COLLECTION + "-2")
    other.replace(entries("a.md", "apple"))
    opened(memory).drop()
    assert memory.known() == [COLLECTION + "-2"]
    assert other.count() == 1


def test_it_has_no_files_to_copy(memory: Server, tmp_path: Path) -> None:
    store = opened(memory)
    with store.copied(tmp_path / "copy") as is_here:
        assert not is_here
    assert not (tmp_path / "copy").exists()
    assert store.set_aside() == []


def test_only_our_collections_are_known(memory: Server) -> None:
    for name in ("b", "a"):
        opened(memory, collection=name)
    memory.client.create_collection("somebody-else", vectors_config={})
    assert memory.known() == ["a", "b"]


def test_who_searches_what_is_dropped_finds_nothing(memory: Server) -> None:
    store = opened(memory)
    store.replace(entries("a.md", "apple"))
    with store.view() as view:
        (chunk,) = store.chunks("a.md")
        store.drop()
        assert view.passages.fetch([chunk.chunk.id]) == []
    assert (store.files(), store.count()) == ([], 0)
