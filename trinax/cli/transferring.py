"""Indexes moved between the data folder and a Qdrant server, while no server has the folder."""

from collections.abc import Sequence
from typing import Any

from trinax.app import indexes
from trinax.cli import terminal
from trinax.errors import CollectionNotFound
from trinax.index.transfer import transfer
from trinax.settings import Settings


def move(settings: Settings, to_cluster: bool, collections: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each collection that was moved. collections: ids; none for all.

    Raises BadSetting, StoreLocked, StoreFailed and CollectionNotFound.
    """
    with indexes(settings) as (here, there):
        source, target = (here, there) if to_cluster else (there, here)
        if unknown := sorted(set(collections) - set(source.ids())):
            raise CollectionNotFound(unknown[0])
        rows = []
        for id in collections or source.ids():
            store = source.get(id)
            with terminal.counted(id, store.count()) as told:
                for done in transfer(store, target.ensure(id), id):
                    told(done)
            rows.append({"id": id, "chunks": store.count()})
        return rows
