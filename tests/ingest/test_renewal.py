"""Collections that are embedded anew while the index of before serves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.conftest import CountingEmbedder, House
from trinax.documents.tokens import encoding
from trinax.embedding import table
from trinax.embedding.static import StaticEmbedder
from trinax.errors import CollectionRenewed
from trinax.index.edge import EdgeStore
from trinax.index.ledger import Ledger
from trinax.index.ports import Store
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.ingest.manager import Manager
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Retrieval, Settings

# More than are written at once, so that a run can end between two batches.
FILES = 600
ENOUGH = 550
BATCH = 500
Open = Callable[..., House]


@pytest.fixture(scope="module")
def other_embedder(tmp_path_factory: pytest.TempPathFactory) -> StaticEmbedder:
    """With vectors of its own, of another width."""
    file = tmp_path_factory.mktemp("tables") / "other.npz"
    rows = np.random.default_rng(0).standard_normal((encoding().n_vocab, 16), np.float32)
    table.write(rows, file)
    return StaticEmbedder(file)


@pytest.fixture
def folder(folder: Path) -> Path:
    for n in range(FILES):
        (folder / f"{n}.md").write_text(f"# Note {n}\n\nWhat note {n} says of apples.\n")
    return folder


@pytest.fixture
def opened(settings: Settings, folder: Path) -> Iterator[Open]:
    """A House for an embedder, which stops for good after `limit` texts; closes the one before."""
    houses: list[House] = []

    def close() -> None:
        while houses:
            houses.pop().close_stores()

    def make(
        embedder: StaticEmbedder, former: StaticEmbedder | None = None, limit: int | None = None
    ) -> House:
        close()
        counting = CountingEmbedder(embedder, limit)
        stores = settings.data_dir / "stores"
        ledger = Ledger(settings.data_dir / "ledger.sqlite")
        embedders = {one.fingerprint: one for one in (embedder, former) if one}

        def open_store(id: str) -> Store:
            return EdgeStore(stores / id, id, embedder.width, embedder.fingerprint, embedders.get)

        registry = Registry(open_store, [path.name for path in stores.glob("*")])
        ingest = Ingest(settings, registry, ledger, counting)
        houses.append(House(settings, counting, ledger, registry, ingest))
        return houses[-1]

    yield make
    close()


def found(house: House, words: str) -> list[tuple[str, float]]:
    ranked = Retriever(house.registry, house.embedder, Retrieval()).found(Query(words)).ranked
    return [(one.passage.file, one.score) for one in ranked]


async def test_searches_give_what_they_gave_until_all_is_embedded(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder
) -> None:
    await (house := opened(static_embedder)).ingest.reconcile()
    before, files = found(house, "note 7 of apples"), house.files()
    house = opened(other_embedder, former=static_embedder, limit=ENOUGH)
    await house.ingest.reconcile()
    status = house.ingest.status("notes")
    assert (status.state, status.indexed, status.chunks) == ("failed", FILES, FILES)
    assert status.notice.endswith("until that is done, searches use 'trinax-embed'")
    assert (house.store().renewed, len(house.store().written())) == (True, BATCH)
    assert (found(house, "note 7 of apples"), house.files()) == (before, files)


async def test_when_all_is_embedded_the_new_index_serves(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder
) -> None:
    await opened(static_embedder).ingest.reconcile()
    house = opened(other_embedder, former=static_embedder)
    outcome = await house.ingest.reconcile()
    assert (outcome.chunks_embedded, house.ingest.status("notes").notice) == (FILES, "")
    assert not house.store().renewed
    assert {one.vector.size for one in house.store().entries("7.md")} == {16}
    assert (await house.ingest.reconcile()).unchanged == FILES
    assert house.embedder.count == FILES


async def test_half_way_a_restart_goes_on(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder
) -> None:
    await opened(static_embedder).ingest.reconcile()
    await opened(other_embedder, limit=ENOUGH).ingest.reconcile()
    house = opened(other_embedder)
    outcome = await house.ingest.reconcile()
    assert (outcome.chunks_embedded, outcome.unchanged) == (FILES - BATCH, BATCH)
    assert (house.store().renewed, house.store().count()) == (False, FILES)


async def test_the_first_model_again_embeds_nothing(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder
) -> None:
    await opened(static_embedder).ingest.reconcile()
    await opened(other_embedder, limit=ENOUGH).ingest.reconcile()
    house = opened(static_embedder)
    await house.ingest.reconcile()
    assert (house.embedder.count, house.store().count()) == (0, FILES)


async def test_what_is_deleted_or_edited_meanwhile_is_so_at_once(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder, folder: Path
) -> None:
    (folder / "secret.md").write_text("# Password\n\nIt is cherry-42.\n")
    await opened(static_embedder).ingest.reconcile()
    (folder / "secret.md").unlink()
    (folder / "1.md").write_text("# Note 1\n\nThis one is about plums.\n")
    (folder / "new.md").write_text("# New\n\nA note on quinces.\n")
    house = opened(other_embedder, former=static_embedder, limit=ENOUGH)
    await house.ingest.reconcile()
    assert house.store().renewed
    assert "secret.md" not in house.files()
    assert house.texts("1.md") == ["# Note 1\n\nThis one is about plums."]
    assert found(house, "a note on plums")[0][0] == "1.md"
    assert found(house, "a note on quinces")[0][0] == "new.md"


async def test_without_the_model_of_before_words_are_searched(
    opened: Open, static_embedder: StaticEmbedder, other_embedder: StaticEmbedder
) -> None:
    await opened(static_embedder).ingest.reconcile()
    house = opened(other_embedder, limit=ENOUGH)
    await house.ingest.reconcile()
    assert "compare words only" in house.ingest.status("notes").notice
    assert found(house, "note 7 of apples")[0][0] == "7.md"


async def test_a_folder_that_is_away_is_taken_over_as_it_was(
    opened: Open,
    static_embedder: StaticEmbedder,
    other_embedder: StaticEmbedder,
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "date.md").write_text("# Dates\n\nDates are brown.\n")
    house = opened(static_embedder)
    await house.ingest.add_root("notes", outside)
    await house.ingest.reconcile()
    outside.rename(tmp_path / "unplugged")
    house = opened(other_embedder)
    await house.ingest.reconcile()
    assert not house.store().renewed
    (one,) = house.store().entries("outside/date.md")
    text = f"{one.passage.chunk.context}\n{one.passage.chunk.text}"
    assert one.vector @ other_embedder.passages([text])[0] == pytest.approx(1.0, abs=1e-3)
    assert found(house, "brown dates")[0][0] == "outside/date.md"


async def test_it_is_not_renamed_before_it_is_whole(
    opened: Open,
    settings: Settings,
    static_embedder: StaticEmbedder,
    other_embedder: StaticEmbedder,
) -> None:
    await opened(static_embedder).ingest.reconcile()
    house = opened(other_embedder, limit=ENOUGH)
    manager = Manager(settings, house.ingest, house.registry, house.ledger)
    await house.ingest.reconcile()
    with pytest.raises(CollectionRenewed):
        await manager.rename("notes", "papers")
    assert house.store().count() == FILES
