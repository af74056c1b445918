import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract
from trinax.embedding.cache import CachedEmbedder, VectorCache
from trinax.embedding.ports import Vectors
from trinax.embedding.static import StaticEmbedder


class Counting(StaticEmbedder):
    """Remembers which passages it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().passages(texts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.sqlite"


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def embedder(counting: Counting, file: Path) -> Iterator[CachedEmbedder]:
    embedder = CachedEmbedder(counting, VectorCache(file))
    yield embedder
    embedder.close()


class TestCachedEmbedder(EmbedderContract):
    pass


def test_a_text_is_embedded_once(embedder: CachedEmbedder, counting: Counting) -> None:
    first = embedder.passages(["alpha", "beta", "alpha"])
    again = embedder.passages(["beta", "gamma", "alpha"])
    assert counting.asked == ["alpha", "beta", "gamma"]
    np.testing.assert_array_equal(first[[1, 0]], again[[0, 2]])


def test_vectors_outlive_the_process(counting: Counting, file: Path) -> None:
    for _ in range(2):
        embedder = CachedEmbedder(counting, VectorCache(file))
        embedder.passages(["alpha"])
        embedder.close()
    assert counting.asked == ["alpha"]


def test_another_models_vectors_are_not_taken(counting: Counting, file: Path) -> None:
    cache = VectorCache(file)
    CachedEmbedder(counting, cache).passages(["alpha"])
    counting._fingerprint = "another"
    CachedEmbedder(counting, cache).passages(["alpha"])
    cache.close()
    assert counting.asked == ["alpha", "alpha"]


def test_questions_are_not_kept(embedder: CachedEmbedder, counting: Counting) -> None:
    embedder.queries(["alpha"])
    counting.asked.clear()
    embedder.passages(["alpha"])
    assert counting.asked == ["alpha"]


def test_a_corrupt_file_is_made_anew(
    counting: Counting, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(b"this is no database, whatever it is called" * 100)
    cache = VectorCache(file)
    embedder = CachedEmbedder(counting, cache)
    with caplog.at_level(logging.WARNING):
        embedder.passages(["alpha"])
        embedder.passages(["alpha"])
    cache.close()
    assert counting.asked == ["alpha"]
    assert "is corrupt and made anew" in caplog.text


def test_a_file_of_before_there_were_versions_is_used(file: Path) -> None:
    VectorCache(file).store({b"key": b"vector"})
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 0")
    cache = VectorCache(file)
    assert cache.find([b"key"]) == {b"key": b"vector"}
    cache.close()


def test_a_file_of_a_newer_trinax_is_done_without(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 9")
    before = file.read_bytes()
    cache = VectorCache(file)
    cache.store({b"key": b"vector"})
    assert cache.find([b"key"]) == {}
    assert "it has version 9" in caplog.text
    cache.close()
    assert file.read_bytes() == before


def test_a_locked_file_is_done_without(
    counting: Counting, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    VectorCache(file).store({b"key": b"vector"})
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache = VectorCache(file)
    with caplog.at_level(logging.WARNING):
        vectors = CachedEmbedder(counting, cache).passages(["alpha"])
    cache.close()
    holder.close()
    np.testing.assert_allclose(vectors, counting.passages(["alpha"]), atol=1e-3)
    assert "is not used" in caplog.text


def test_a_folder_that_cannot_be_made_is_done_without(
    counting: Counting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file")
    cache = VectorCache(tmp_path / "taken" / "vectors.sqlite")
    with caplog.at_level(logging.WARNING):
        assert CachedEmbedder(counting, cache).passages(["alpha"]).any()
    assert "is not used" in caplog.text


def test_a_truncated_vector_is_embedded_again(
    embedder: CachedEmbedder, counting: Counting, file: Path
) -> None:
    embedder.passages(["alpha"])
    with sqlite3.connect(file) as other:
        other.execute("UPDATE vectors SET vector = x'00'")
    other.close()
    embedder.passages(["alpha"])
    assert counting.asked == ["alpha", "alpha"]


def test_more_keys_than_one_statement_takes_are_found(file: Path) -> None:
    cache = VectorCache(file)
    vectors = {number.to_bytes(4): bytes(8) for number in range(40_000)}
    cache.store(vectors)
    assert cache.find(list(vectors)) == vectors
    cache.close()


def test_those_written_longest_ago_go_first(file: Path) -> None:
    cache = VectorCache(file, limit_bytes=1_000_000)
    batches = [[bytes([batch, number]) for number in range(200)] for batch in range(20)]
    for batch in batches:
        cache.store(dict.fromkeys(batch, bytes(1000)))
    kept = [len(cache.find(batch)) for batch in batches]
    cache.close()
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (0, 200)
    assert 0 < sum(kept) * 1000 <= 1_000_000
