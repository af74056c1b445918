from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.store import COLLECTION, WIDTH, entries, entry, texts
from trinax.errors import StoreFailed
from trinax.index.cluster import ClusterStore
from trinax.index.edge import EdgeStore
from trinax.index.remote import MEMORY, Server
from trinax.index.transfer import BATCH_CHUNKS, transfer
from trinax.settings import Index


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Index(url=MEMORY))
    yield server
    server.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[EdgeStore]:
    store = EdgeStore(tmp_path / COLLECTION, COLLECTION, WIDTH, "static-1")
    yield store
    store.close()


@pytest.fixture
def there(server: Server) -> ClusterStore:
    return ClusterStore(server, COLLECTION, WIDTH, "static-1", lambda _: None)


def test_there_and_back_it_is_the_same(
    here: EdgeStore, there: ClusterStore, tmp_path: Path
) -> None:
    many = entries("many.md", *(f"word{n} apple" for n in range(BATCH_CHUNKS + 1)))
    here.replace(many | entries("a.md", "banana", "") | {"b.pdf": (entry("b.pdf", 0, "Ünï 中文"),)})
    assert list(transfer(here, there, COLLECTION))[-1] == here.count() == there.count()
    assert texts(there, "banana") == ["banana"]
    back = EdgeStore(tmp_path / "back", COLLECTION, WIDTH, "static-1")
    assert list(transfer(there, back, COLLECTION))[-1] == here.count()
    assert back.files() == here.files()
    for file in ("a.md", "b.pdf", "many.md"):
        assert back.chunks(file) == here.chunks(file)
        assert [one.terms.ids for one in back.entries(file)] == [
            one.terms.ids for one in here.entries(file)
        ]
    back.close()


def test_what_is_there_is_not_sent_again(here: EdgeStore, there: ClusterStore) -> None:
    here.replace(entries("a.md", "apple", "banana") | entries("b.md", "cherry"))
    there.replace(entries("a.md", "apple", "banana") | entries("gone.md", "old"))
    assert list(transfer(here, there, COLLECTION)) == [2, 3]
    assert there.files() == here.files()
    assert list(transfer(here, there, COLLECTION)) == [3]


def test_a_store_that_is_made_anew_is_not_sent(
    here: EdgeStore, there: ClusterStore, server: Server
) -> None:
    here.replace(entries("a.md", "apple"))
    there.replace(entries("a.md", "apple"))
    other = ClusterStore(server, COLLECTION, WIDTH, "static-2", lambda _: None)
    with pytest.raises(StoreFailed, match="made anew"):
        list(transfer(here, other, COLLECTION))
