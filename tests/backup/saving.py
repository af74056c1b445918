"""Data folders, and backups of them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trinax.app import Parts, in_use, open_parts
from trinax.backup.reading import Reading
from trinax.backup.records import End
from trinax.backup.restoring import Restored, Restoring
from trinax.backup.sources import AtRest
from trinax.backup.writing import backup
from trinax.index.records import Passage
from trinax.ingest.records import Outcome
from trinax.ingest.uploads import incoming
from trinax.retrieval.records import Query
from trinax.settings import Settings


def indexed(settings: Settings, roots: Mapping[str, Path] | None = None) -> Outcome:
    """What a first look at everything did; roots: outside folders that are added."""

    async def run() -> Outcome:
        async with open_parts(settings) as parts:
            for collection, folder in (roots or {}).items():
                await parts.ingest.add_root(collection, folder)
            return await parts.ingest.reconcile()

    return asyncio.run(run())


def searched(settings: Settings, text: str) -> list[tuple[str, str, float]]:
    """(collection, file, score) of what is found, with nothing looked at before."""

    async def run() -> list[tuple[str, str, float]]:
        async with open_parts(settings) as parts:
            found = await parts.retriever.search(Query(text))
            return [(one.passage.collection, one.passage.file, one.score) for one in found.ranked]

    return asyncio.run(run())


def held(settings: Settings) -> dict[str, list[tuple[Passage, list[float]]]]:
    """All that the stores hold, by collection."""

    async def run() -> dict[str, list[tuple[Passage, list[float]]]]:
        async with open_parts(settings) as parts:
            return {
                id: sorted(
                    (
                        (entry.passage, entry.vector.tolist())
                        for one in store.files()
                        for entry in store.entries(one.file)
                    ),
                    key=lambda entry: entry[0].chunk.id,
                )
                for id, store in parts.registry.select()
            }

    return asyncio.run(run())


def saved(settings: Settings, file: Path, documents: bool = True) -> Path:
    """A backup of a data folder at rest."""
    with incoming(settings.data_dir) as apart, file.open("wb") as stream:
        stream.writelines(backup(settings, AtRest(settings.data_dir), apart, documents))
    return file


def saved_in_use(parts: Parts, file: Path) -> Path:
    with incoming(parts.settings.data_dir) as apart, file.open("wb") as stream:
        stream.writelines(backup(parts.settings, in_use(parts), apart))
    return file


def restored(file: Path, settings: Settings, **options: Any) -> Restored:
    with Restoring(file, settings, **options) as restoring:
        for _ in restoring.unpack():
            pass
        return restoring.place()


def names(file: Path) -> list[str]:
    with Reading(file) as reading:
        found = []
        for part in reading.parts():
            for _ in part.pieces:
                pass
            found.append(part.name)
        return found


def parted(settings: Settings) -> list[str]:
    """Files whose chunks the ledger claims and the stores have not."""

    async def run() -> list[str]:
        async with open_parts(settings) as parts:
            return [
                f"{id}/{row.file}"
                for id, store in parts.registry.select()
                for ids in [store.ids()]
                for row in parts.ledger.rows(id).values()
                if row.chunks and ids.get(row.file) != row.ids
            ]

    return asyncio.run(run())


def read(file: Path) -> End:
    """What it says at its end, all of it compared."""
    with Reading(file) as reading:
        for part in reading.parts():
            for _ in part.pieces:
                pass
        return reading.end
