import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.store import COLLECTION, WIDTH, MakeStore, StoreContract, entries
from trinax.errors import StoreFailed
from trinax.index.cluster import MEMORY, PREFIX, Cluster, ClusterStore
from trinax.index.ports import Store

SERVER = os.environ.get("TRINAX_TEST_QDRANT_URL", "")


def opener(cluster: Cluster) -> MakeStore:
    def make_store() -> Store:
        return ClusterStore(cluster, COLLECTION, WIDTH, "static-1")

    return make_store


@pytest.fixture
def memory() -> Iterator[Cluster]:
    cluster = Cluster(MEMORY)
    yield cluster
    cluster.close()


class TestClusterStore(StoreContract):
    @pytest.fixture
    def make_store(self, memory: Cluster) -> MakeStore:
        return opener(memory)


@pytest.mark.skipif(not SERVER, reason="TRINAX_TEST_QDRANT_URL names no Qdrant server")
class TestClusterStoreOnServer(StoreContract):
    @pytest.fixture
    def make_store(self) -> Iterator[MakeStore]:
        cluster = Cluster(SERVER)
        cluster.client.delete_collection(PREFIX + COLLECTION)
        yield opener(cluster)
        cluster.client.delete_collection(PREFIX + COLLECTION)
        cluster.close()


def test_another_embedder_makes_the_collection_anew(memory: Cluster) -> None:
    ClusterStore(memory, "notes", WIDTH, "static-1").replace(entries("a.md", "apple"))
    store = ClusterStore(memory, "notes", WIDTH, "static-2")
    assert store.fresh
    assert store.count() == 0


def test_a_collection_of_a_newer_format_is_left_alone(memory: Cluster) -> None:
    ClusterStore(memory, "notes", WIDTH, "static-1").replace(entries("a.md", "apple"))
    memory.client.update_collection(PREFIX + "notes", metadata={"format": 99})
    with pytest.raises(StoreFailed, match="newer trinax"):
        ClusterStore(memory, "notes", WIDTH, "static-1")
    assert memory.client.count(PREFIX + "notes").count == 1


def test_it_has_no_files_to_copy(memory: Cluster, tmp_path: Path) -> None:
    store = ClusterStore(memory, "notes", WIDTH, "static-1")
    with store.copied(tmp_path / "copy") as is_here:
        assert not is_here
    assert not (tmp_path / "copy").exists()
    assert store.set_aside() == []


def test_only_our_collections_are_known(memory: Cluster) -> None:
    for name in ("b", "a"):
        ClusterStore(memory, name, WIDTH, "static-1")
    memory.client.create_collection("somebody-else", vectors_config={})
    assert memory.known() == ["a", "b"]


def test_a_server_that_is_not_there_is_a_store_that_failed() -> None:
    # Port 9 (discard) is refused on any sane machine.
    cluster = Cluster("http://127.0.0.1:9", api_key="secret")
    with pytest.raises(StoreFailed, match="cannot be reached") as failure:
        ClusterStore(cluster, "notes", WIDTH, "static-1")
    assert "secret" not in str(failure.value)
    cluster.close()
