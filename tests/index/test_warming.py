import os
import threading
from collections import Counter
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from trinax.documents.records import Chunk
from trinax.index import warming
from trinax.index.edge import EdgeStore
from trinax.index.places import serving
from trinax.index.records import Entry, Passage, Terms

WIDTH = 4
CHUNKS = 1000  # fewer are not made compact


def _entry(number: int) -> Entry:
    chunk = Chunk(str(UUID(int=number)), "note", "", 0, 4, 1, 1, None, 1)
    passage = Passage("notes", "1.md", number, chunk, "text", "", 4, 5.5)
    return Entry(passage, np.eye(1, WIDTH, dtype=np.float32)[0], Terms((1,), (1.0,)))


def _store(folder: Path) -> EdgeStore:
    store = EdgeStore(folder, "notes", WIDTH, "static-1")
    store.replace({"1.md": tuple(map(_entry, range(CHUNKS)))})
    store.flush()
    return store


def _read(folder: Path) -> Counter[str]:
    """How many files of each part are read."""
    place = serving(folder)
    assert place is not None
    segments = place.shard / "segments"
    return Counter(file.relative_to(segments).parts[1] for file in warming.needed(place.shard))


def test_texts_are_not_read(tmp_path: Path) -> None:
    _store(tmp_path / "notes").close()
    found = _read(tmp_path / "notes")
    assert found["vector_storage-dense"] > 0
    assert warming.TEXTS not in found


def test_of_a_compact_segment_the_index_of_words_alone_is_read(tmp_path: Path) -> None:
    store = _store(tmp_path / "notes")
    loose = _read(tmp_path / "notes")
    assert store.compact(threading.Event())
    compact = _read(tmp_path / "notes")
    # Those of the empty segment that takes what is written next.
    assert 0 < compact[warming.VECTORS] <= loose[warming.VECTORS]
    assert compact["vector_index-terms"] > loose["vector_index-terms"]
    store.close()


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no such advice")
def test_texts_are_read_ahead_where_they_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(tmp_path / "notes").close()
    asked: list[tuple[int, int]] = []

    def advise(_: int, start: int, length: int, advice: int) -> None:
        assert advice == os.POSIX_FADV_WILLNEED
        asked.append((start, length))

    place = serving(tmp_path / "notes")
    assert place is not None
    texts = [*place.shard.glob(f"segments/*/{warming.TEXTS}/*.dat")]
    size = sum(file.stat().st_size for file in texts)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    warming.ahead(place.shard)
    assert sum(length for _, length in asked) >= size > 0
    assert asked.count((0, warming.PART_BYTES)) == len(texts)
    asked.clear()
    monkeypatch.setattr(warming, "MOST_MEMORY", 0.0)
    warming.ahead(place.shard)
    assert asked == []
