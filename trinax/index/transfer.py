"""What one store holds into another, without embedding it again."""

from collections.abc import Iterator, Sequence

from trinax.errors import StoreFailed
from trinax.index.ports import Store
from trinax.index.records import Entry

# Written at once.
BATCH_CHUNKS = 500


def transfer(source: Store, target: Store, collection: str) -> Iterator[int]:
    """Make the target hold what the source does; gives the number of chunks that are there, again
    and again. What the target holds already is not sent, so a transfer that was broken off goes
    on where it was.

    Nobody may write either meanwhile. Raises StoreFailed, for a store that is being made anew too.
    """
    for one in (source, target):
        if one.renewed:
            raise StoreFailed(collection, "it is made anew for another model; let that end first")
    listed, wanted, held = source.files(), source.ids(), target.ids()
    target.delete([file for file in held if file not in wanted])
    done = sum(one.chunks for one in listed if held.get(one.file) == wanted[one.file])
    yield done
    missing = [one.file for one in listed if held.get(one.file) != wanted[one.file]]
    for batch in _batches(source, missing):
        target.replace(batch)
        done += sum(map(len, batch.values()))
        yield done
    target.flush()
    if target.ids() != wanted:
        raise StoreFailed(collection, "what arrived is not what was sent; begin again")


def _batches(source: Store, files: Sequence[str]) -> Iterator[dict[str, tuple[Entry, ...]]]:
    batch: dict[str, tuple[Entry, ...]] = {}
    chunks = 0
    for file in files:
        batch[file] = tuple(source.entries(file))
        chunks += len(batch[file])
        if chunks >= BATCH_CHUNKS:
            yield batch
            batch, chunks = {}, 0
    if batch:
        yield batch
