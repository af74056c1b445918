from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.embedding.static import StaticEmbedder
from trinax.index.edge import EdgeStore
from trinax.index.ledger import Ledger
from trinax.index.ports import Store
from trinax.index.records import Entry
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.settings import Ingest as IngestSettings
from trinax.settings import Settings


class CountingEmbedder:
    """The built-in embedder, counting what it is given and stopping for good after `limit`."""

    def __init__(self, embedder: Embedder, limit: int | None = None) -> None:
        self._embedder = embedder
        self.limit = limit
        self.count = 0

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def width(self) -> int:
        return self._embedder.width

    @property
    def limit_tokens(self) -> int | None:
        return self._embedder.limit_tokens

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.count += len(texts)
        if self.limit is not None and self.count > self.limit:
            raise OSError(28, "No space left on device")
        return self._embedder.passages(texts)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.queries(texts)

    def read(self, passage: str | Sequence[int]) -> Reading:
        return self._embedder.read(passage)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        return self._embedder.vectors(readings)

    def close(self) -> None:
        self._embedder.close()


@dataclass
class House:
    """A data folder and what works on it."""

    settings: Settings
    embedder: CountingEmbedder
    ledger: Ledger
    registry: Registry
    ingest: Ingest

    def store(self, collection: str = "notes") -> Store:
        return self.registry.get(collection)

    def files(self, collection: str = "notes") -> list[str]:
        return sorted(one.file for one in self.store(collection).files())

    def texts(self, file: str, collection: str = "notes") -> list[str]:
        return [passage.chunk.text.strip() for passage in self.store(collection).chunks(file)]

    def everything(self, collection: str = "notes") -> dict[str, list[Entry]]:
        return {file: self.store(collection).entries(file) for file in self.files(collection)}

    def close_stores(self) -> None:
        self.registry.close()
        self.ledger.close()


Build = Callable[..., House]


@pytest.fixture(scope="session")
def static_embedder() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        base=tmp_path,
        ingest=IngestSettings(debounce_s=0.05, debounce_limit_s=0.5, scan_interval_s=0.0),
    )


@pytest.fixture
def build(settings: Settings, static_embedder: StaticEmbedder) -> Iterator[Build]:
    """Makes a House on the data folder of the settings; the one before must be closed."""
    houses: list[House] = []

    def make(settings: Settings = settings, limit: int | None = None) -> House:
        embedder = CountingEmbedder(static_embedder, limit)
        stores = settings.data_dir / "stores"
        ledger = Ledger(settings.data_dir / "ledger.sqlite")

        def open_store(id: str) -> Store:
            return EdgeStore(stores / id, id, embedder.width, embedder.fingerprint)

        registry = Registry(open_store, [path.name for path in stores.glob("*")])
        ingest = Ingest(settings, registry, ledger, embedder)
        houses.append(House(settings, embedder, ledger, registry, ingest))
        return houses[-1]

    yield make
    for house in houses:
        house.close_stores()


@pytest.fixture
async def house(build: Build, folder: Path) -> AsyncIterator[House]:
    """With one collection, "notes"."""
    house = build()
    yield house
    await house.ingest.close()


@pytest.fixture
def ingest(house: House) -> Ingest:
    return house.ingest


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The folder of the collection "notes"."""
    folder = settings.collections_dir / "notes"
    folder.mkdir(parents=True)
    return folder
