import stat
from dataclasses import replace
from pathlib import Path

import pytest

from trinax.app import open_parts
from trinax.errors import ModelNotFound, StoreLocked
from trinax.retrieval.records import Query
from trinax.settings import Embedding, Index, Ingest, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "keeper.md").write_text("The keeper is called Marta Lindqvist.\n")
    return Settings(base=tmp_path, ingest=Ingest(scan_interval_s=0))


@pytest.mark.parametrize("url", ["", ":memory:"])
async def test_parts_work_together_over_either_store(settings: Settings, url: str) -> None:
    async with open_parts(replace(settings, index=Index(url=url))) as parts:
        await parts.ingest.reconcile()
        found = await parts.retriever.search(Query("Who is the keeper?"))
    assert found.ranked[0].passage.file == "keeper.md"


async def test_what_was_indexed_is_there_after_a_restart(settings: Settings) -> None:
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
    async with open_parts(settings) as parts:
        assert (await parts.retriever.search(Query("keeper"))).ranked
        assert (await parts.ingest.reconcile()).unchanged == 1


async def test_a_data_folder_has_one_owner(settings: Settings) -> None:
    async with open_parts(settings):
        with pytest.raises(StoreLocked):
            await open_parts(settings).__aenter__()
    async with open_parts(settings):
        pass


async def test_the_data_folder_is_its_owners_alone(settings: Settings) -> None:
    async with open_parts(settings):
        mode = settings.data_dir.stat().st_mode
    assert stat.S_IMODE(mode) == 0o700


async def test_a_start_that_fails_gives_the_folder_back(settings: Settings) -> None:
    with pytest.raises(ModelNotFound):
        await open_parts(replace(settings, embedding=Embedding("none"))).__aenter__()
    async with open_parts(settings):
        pass
