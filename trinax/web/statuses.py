"""How far the indexing of collections is, as far as a caller may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.access.policy import Caller
from trinax.errors import CollectionNotFound
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import Failure, Status


@dataclass(frozen=True, slots=True)
class Statuses:
    ingest: Ingest
    caller: Caller

    def all(self) -> list[Status]:
        """By id."""
        return [each for each in self.ingest.statuses() if self.caller.sees(each.id)]

    def of(self, collection: str) -> Status:
        """Raises CollectionNotFound."""
        if not self.caller.sees(collection):
            raise CollectionNotFound(collection)
        return self.ingest.status(collection)

    def refused(self) -> Sequence[Failure]:
        """Folders that are no collection, and why; their names are for those who may see all."""
        return self.ingest.refused if self.caller.collections is None else ()
