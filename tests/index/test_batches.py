from itertools import chain

import numpy as np
import pytest
from qdrant_client import models

from tests.contracts.store import entry
from trinax.index.batches import BATCH_BYTES, BATCH_POINTS, batches, written_bytes
from trinax.index.payload import payload
from trinax.index.records import Entry


def wide(number: int, width: int, text: str = "word") -> Entry:
    vector = np.random.default_rng(number).standard_normal(width).astype(np.float32)
    return entry("a.md", number, text, vector=vector / np.linalg.norm(vector))


def test_all_are_sent_in_order() -> None:
    entries = [entry("a.md", n, f"word{n}") for n in range(2 * BATCH_POINTS + 1)]
    found = list(batches(entries))
    assert [len(batch) for batch in found] == [BATCH_POINTS, BATCH_POINTS, 1]
    assert list(chain.from_iterable(found)) == entries
    assert list(batches([])) == []


def test_wide_vectors_make_small_batches() -> None:
    found = list(batches([wide(n, 4096) for n in range(200)]))
    assert len(found) > 1
    assert all(sum(map(written_bytes, batch)) <= BATCH_BYTES for batch in found)


def test_what_is_too_large_goes_alone() -> None:
    large = wide(0, 8, "x" * BATCH_BYTES)
    assert [len(batch) for batch in batches([wide(1, 8), large, wide(2, 8)])] == [1, 1, 1]


@pytest.mark.parametrize(
    ("width", "text"), [(8, "short"), (256, "word " * 250), (4096, "日本 " * 9)]
)
def test_a_point_takes_no_more_than_is_thought(width: int, text: str) -> None:
    one = wide(0, width, text)
    point = models.PointStruct(
        id=one.passage.chunk.id,
        vector={
            "dense": one.vector.tolist(),
            "terms": models.SparseVector(
                indices=list(one.terms.ids), values=list(one.terms.weights)
            ),
        },
        payload=payload(one.passage),
    )
    assert len(point.model_dump_json().encode()) <= written_bytes(one)
