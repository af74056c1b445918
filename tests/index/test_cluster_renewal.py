"""A store on a server that is opened for another embedder."""

from collections.abc import Iterator

import pytest

from tests.contracts.renewal import NEW, OLD, TEXTS, RenewalContract, edited, nearest, of
from tests.contracts.store import COLLECTION
from trinax.embedding.ports import Embedder
from trinax.index.cluster import ClusterStore
from trinax.index.remote import MEMORY, PREFIX, Server
from trinax.settings import Index


class Opener:
    """Opens one store at a time, as one process would."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.embedders: dict[str, Embedder] = {}

    def __call__(self, embedder: tuple[int, str]) -> ClusterStore:
        width, fingerprint = embedder
        return ClusterStore(self.server, COLLECTION, width, fingerprint, self.embedders.get)

    def close(self) -> None:
        """It has no lock to give back."""

    def indexes(self) -> list[str]:
        return self.server.indexes(COLLECTION)


@pytest.fixture
def opened() -> Iterator[Opener]:
    server = Server(Index(url=MEMORY))
    opener = Opener(server)
    opener(OLD).replace(of(OLD))
    yield opener
    server.close()


class TestClusterRenewal(RenewalContract):
    @pytest.fixture
    def opened(self, opened: Opener) -> Opener:
        return opened


def test_another_analysis_alone_takes_the_vectors_over(opened: Opener) -> None:
    client = opened.server.client
    client.update_collection(PREFIX + COLLECTION, metadata={"analysis": 0})
    store = opened(OLD)
    assert store.renewed
    with store.view() as view:
        assert view.former is None
    (one,) = store.entries("b.md")
    store.replace({"b.md": (one,)})
    store.replace(edited(OLD, "a.md", "cherry dark"))
    assert nearest(store, OLD, 0) in ("banana yellow", "cherry dark")
    store.switch()
    assert store.entries("b.md")[0].passage == one.passage


def test_a_switch_that_was_broken_off_after_the_alias_is_ended(opened: Opener) -> None:
    store = opened(NEW)
    store.replace(of(NEW))
    former, built = opened.server.serving()[COLLECTION], set(opened.indexes())
    opened.server.serve(COLLECTION, (built - {former}).pop())
    store = opened(NEW)
    assert (store.fresh, store.renewed) == (False, False)
    assert [one.file for one in store.files()] == list(TEXTS)
    assert former not in opened.indexes()
