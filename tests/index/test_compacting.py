"""A store that is made compact, which another process does on a copy."""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.store import COLLECTION, WIDTH, MakeStore, StoreContract, entries, entry, texts
from trinax.index import compacting, places, shard, upkeep
from trinax.index.analysis import query_terms
from trinax.index.edge import EdgeStore
from trinax.index.ports import Store
from trinax.index.records import Files, Passage, Terms
from trinax.index.registry import Registry
from trinax.index.upkeep import Upkeep, is_due

NEVER = threading.Event()
WORDS = [f"word{n}" for n in range(40)]


def opened(folder: Path) -> EdgeStore:
    return EdgeStore(folder, COLLECTION, WIDTH, "static-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EdgeStore]:
    made = opened(tmp_path / COLLECTION)
    made.replace(many(30))
    yield made
    made.close()


def many(files: int) -> Files:
    """Five chunks each, of drawn words and with drawn directions."""
    draw = np.random.default_rng(files)
    return {
        f"docs/{file}.md": tuple(
            entry(f"docs/{file}.md", n, " ".join(draw.choice(WORDS, 9)), vector=unit(draw))
            for n in range(5)
        )
        for file in range(files)
    }


def unit(draw: np.random.Generator) -> np.ndarray:
    vector = draw.standard_normal(WIDTH).astype(np.float32)
    return vector / np.linalg.norm(vector)


def found(store: Store) -> list[list[tuple[float, str]]]:
    """What ten questions find by either side; of equals, an engine may give any first."""
    draw = np.random.default_rng(1)
    lists = []
    for _ in range(10):
        hits = store.candidates(unit(draw), query_terms(" ".join(draw.choice(WORDS, 2))), 1000)
        lists += [
            sorted((round(hit.score, 3), hit.chunk_id) for hit in side)
            for side in (hits.dense, hits.bm25)
        ]
    return lists


def everything(store: Store) -> list[tuple[Passage, Terms, list[float]]]:
    return [
        (one.passage, one.terms, [round(float(x), 4) for x in one.vector])
        for file in store.files()
        for one in store.entries(file.file)
    ]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something done while the other process works."""

    def during(act: Callable[[], None]) -> None:
        real = compacting.compacted

        def compacted(
            folder: Path, width: int, points: int, ended: Collection[threading.Event], /
        ) -> bool:
            act()
            return real(folder, width, points, ended)

        monkeypatch.setattr(compacting, "compacted", compacted)

    return during


class TestCompactStore(StoreContract):
    """The contract, with what is written first made compact."""

    @pytest.fixture
    def make_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeStore]:
        def here(folder: Path, width: int, points: int, ended: Collection[threading.Event]) -> bool:
            shard.compact(folder, width, points)  # as the other process does, without its start
            return True

        class Compact(EdgeStore):
            is_compact = False

            def replace(self, files: Files) -> None:
                super().replace(files)
                if not self.is_compact:
                    self.is_compact = self.compact(NEVER)

        monkeypatch.setattr(compacting, "compacted", here)
        current: list[EdgeStore] = []

        def make() -> Store:
            for one in current:
                one.close()
            current[:] = [Compact(tmp_path / COLLECTION, COLLECTION, WIDTH, "static-1")]
            return current[0]

        yield make
        for one in current:
            one.close()


def test_it_finds_and_holds_what_it_did(store: EdgeStore, tmp_path: Path) -> None:
    before, held, files = found(store), everything(store), store.files()
    assert store.compact(NEVER)
    assert (found(store), everything(store), store.files()) == (before, held, files)
    assert (store.count(), store.loose()) == (150, 0)
    store.close()
    again = opened(tmp_path / COLLECTION)
    assert (found(again), everything(again), again.loose()) == (before, held, 0)
    again.close()


def test_what_is_written_meanwhile_is_not_lost(
    store: EdgeStore, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    def write() -> None:
        store.replace(entries("docs/new.md", "kiwi green"))
        store.replace(entries("docs/1.md", "papaya orange"))
        store.delete(["docs/2.md"])
        store.touch("docs/3.md", 77, 5.0)

    meanwhile(write)
    assert store.compact(NEVER)
    assert texts(store, "kiwi") == ["kiwi green"]
    assert [one.chunk.text for one in store.chunks("docs/1.md")] == ["papaya orange"]
    assert store.chunks("docs/2.md") == []
    touched = next(one for one in store.files() if one.file == "docs/3.md")
    assert (touched.size_bytes, touched.mtime_s) == (77, 5.0)
    assert store.count() == 150 + 1 - 4 - 5


def test_much_that_is_written_meanwhile_is_brought_over_in_parts(
    store: EdgeStore, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    def write() -> None:
        for n in range(60):
            store.replace(entries(f"more/{n}.md", f"pear number {n}"))

    meanwhile(write)
    assert store.compact(NEVER)
    assert (store.count(), store.loose()) == (210, 60)
    assert texts(store, "pear 37")[0] == "pear number 37"


def test_questions_are_answered_all_the_time(store: EdgeStore) -> None:
    ended, expected = threading.Event(), found(store)

    def ask() -> int:
        asked = 0
        while not ended.is_set():
            assert found(store) == expected
            asked += 1
        return asked

    with ThreadPoolExecutor() as pool:
        askers = [pool.submit(ask) for _ in range(3)]
        assert store.compact(NEVER)
        ended.set()
        assert all(asker.result() for asker in askers)


def test_a_process_that_dies_leaves_all_as_it_was(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = found(store)
    monkeypatch.setattr(compacting, "PROGRAM", "import os; os.abort()")
    assert not store.compact(NEVER)
    assert found(store) == before
    folders = [path.name for path in (tmp_path / COLLECTION).iterdir() if path.is_dir()]
    assert folders == ["shard"]
    store.replace(entries("docs/new.md", "kiwi green"))
    assert texts(store, "kiwi") == ["kiwi green"]


def test_closing_does_not_wait_for_it(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compacting, "PROGRAM", "import time; time.sleep(60)")
    working = threading.Thread(target=store.compact, args=[NEVER])
    working.start()
    while len(list((tmp_path / COLLECTION).glob("shard*"))) < 2:
        time.sleep(0.01)
    began_s = time.monotonic()
    store.close()
    working.join()
    assert time.monotonic() - began_s < 10
    again = opened(tmp_path / COLLECTION)
    assert again.count() == 150
    again.close()


@pytest.mark.parametrize("done", ["copied", "begun"])
def test_a_crash_on_the_way_leaves_what_served(tmp_path: Path, done: str) -> None:
    folder = tmp_path / COLLECTION
    store = opened(folder)
    store.replace(many(30))
    before = found(store)
    kept = places.serving(folder)
    store.close()
    half = folder / "shard-2"
    half.mkdir()
    (half / "edge_config.json").write_text("{")
    if done == "begun":
        assert kept is not None
        places.begin(folder, half, kept.made_with)
    again = opened(folder)
    assert (found(again), again.fresh) == (before, False)
    assert not half.exists()
    again.close()


def test_vectors_are_compared_in_full_where_it_counts(store: EdgeStore) -> None:
    draw = np.random.default_rng(3)
    assert store.compact(NEVER)
    vector = unit(draw)
    ids = [hit.chunk_id for hit in store.candidates(vector, None, 20).dense]
    vectors = {passage.chunk.id: np.array(kept) for passage, _, kept in everything(store)}
    scores = store.scores(vector, ids)
    assert list(scores) == ids
    for id in ids:
        assert scores[id] == pytest.approx(float(vector @ vectors[id]), abs=1e-3)


@pytest.mark.parametrize(
    ("loose", "chunks", "paused", "due"),
    [
        (19_999, 20_000, True, False),
        (20_000, 20_000, True, True),
        (20_000, 20_000, False, False),
        (49_999, 50_000, False, False),
        (50_000, 50_000, False, True),
        (50_000, 100_000, False, True),
        (400_000, 1_000_000, False, False),
        (500_000, 1_000_000, False, True),
        (150_000, 1_000_000, True, False),
        (200_000, 1_000_000, True, True),
        (50_000, 100, True, True),
    ],
)
def test_when_it_pays(loose: int, chunks: int, paused: bool, due: bool) -> None:
    assert is_due(loose, chunks, paused) is due


def test_it_is_done_by_itself_once_writing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LEAST_LOOSE", 100)
    registry = Registry(lambda id: opened(tmp_path / id))
    registry.ensure("notes").replace(many(30))
    registry.ensure("few").replace(entries("a.md", "apple"))
    keeper = Upkeep(registry, 0.05)
    keeper.start()
    limit_s = time.monotonic() + 60
    while registry.get("notes").loose() and time.monotonic() < limit_s:
        time.sleep(0.05)
    keeper.close()
    assert (registry.get("notes").loose(), registry.get("few").loose()) == (0, 1)
    registry.close()


def test_a_store_at_rest_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    class Counted(EdgeStore):
        def count(self) -> int:
            counted.append(self.collection)
            return 10_000  # of which what was written is not enough

    monkeypatch.setattr(upkeep, "LEAST_LOOSE", 100)
    registry = Registry(lambda id: Counted(tmp_path / id, id, WIDTH, "static-1"))
    registry.ensure("notes").replace(many(30))
    keeper = Upkeep(registry, 0.01)
    keeper.start()
    time.sleep(1)
    keeper.close()
    assert 1 <= len(counted) <= 2  # while it was written, and once in the pause
    registry.close()
