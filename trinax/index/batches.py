"""Points in portions that a server takes in one request."""

from collections.abc import Iterator, Sequence

from trinax.index.records import Entry

# A Qdrant server takes 32 MB in a request (its service.max_request_size_mb).
BATCH_BYTES = 8_000_000
BATCH_POINTS = 500
# Of a number of a vector, of a term with its weight, and of the rest of a point, written as JSON.
NUMBER_BYTES, TERM_BYTES, POINT_BYTES = 22, 40, 1000


def batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """In order, each small enough for one request."""
    batch: list[Entry] = []
    size_bytes = 0
    for one in entries:
        needed = written_bytes(one)
        if batch and (len(batch) >= BATCH_POINTS or size_bytes + needed > BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(one)
        size_bytes += needed
    if batch:
        yield batch


def written_bytes(entry: Entry) -> int:
    """Of its point as JSON, about, and rather more."""
    chunk = entry.passage.chunk
    # JSON of an ASCII text is hardly longer; a character outside ASCII stays UTF-8.
    text_bytes = len(chunk.text.encode()) + len(chunk.context.encode())
    return (
        POINT_BYTES
        + text_bytes
        + NUMBER_BYTES * len(entry.vector)
        + TERM_BYTES * len(entry.terms.ids)
    )
