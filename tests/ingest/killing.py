"""Kills a process that indexes, again and again, and compares what the next one makes of it with an
index from scratch: python -m tests.ingest.killing --kills 100"""

import argparse
import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.embedding.static import StaticEmbedder
from trinax.index.analysis import query_terms
from trinax.index.edge import EdgeStore
from trinax.index.ledger import Ledger, Row
from trinax.index.ports import Store
from trinax.index.records import Passage, Terms
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.settings import Ingest as IngestSettings
from trinax.settings import Paths, Settings

COLLECTIONS = ("notes", "papers")
FILES = 120
# Of all files, what happens to some before each kill.
CHANGES = 40
WORDS = [
    "river",
    "stone",
    "lantern",
    "harbour",
    "meadow",
    "copper",
    "violet",
    "thunder",
    "parcel",
    "window",
]
QUESTIONS = ("copper lantern", "the thunder over the harbour", "note 7")

# Says when it begins, so that no kill is spent on imports. With "drop" it first throws one of the
# collections away, as its deletion does.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.ingest.killing import opened

async def main():
    with opened(Path(sys.argv[1])) as house:
        print("begun", flush=True)
        if sys.argv[2] == "drop" and "papers" in house.registry.ids():
            house.registry.drop("papers")
            house.ledger.clear("papers")
        await house.ingest.reconcile()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class House:
    ledger: Ledger
    registry: Registry
    ingest: Ingest


@dataclass(frozen=True, slots=True)
class Index:
    """All that can be seen of a collection from outside, but for times.

    scores: by question and side, of every chunk that is found.
    """

    passages: Mapping[str, Passage]
    terms: Mapping[str, Terms]
    vectors: Mapping[str, np.ndarray]
    scores: Mapping[tuple[str, str], Mapping[str, float]]
    rows: Mapping[str, Row]


@contextmanager
def opened(base: Path, data: str = "var", scan_interval_s: float = 60.0) -> Iterator[House]:
    """What works on a folder with collections; data: name of the data folder in it."""
    watched = IngestSettings(scan_interval_s=scan_interval_s)
    settings = Settings(base=base, paths=Paths(data=data), ingest=watched)
    embedder = StaticEmbedder()
    stores = settings.data_dir / "stores"

    def opened_store(id: str) -> Store:
        return EdgeStore(stores / id, id, embedder.width, embedder.fingerprint)

    ledger = Ledger(settings.data_dir / "ledger.sqlite")
    registry = Registry(opened_store, [path.name for path in stores.glob("*")])
    try:
        yield House(ledger, registry, Ingest(settings, registry, ledger, embedder))
    finally:
        registry.close()
        ledger.close()


def reconciled(base: Path, data: str = "var") -> dict[str, Index]:
    """Every collection's index once it is up to date."""
    embedder = StaticEmbedder()
    with opened(base, data) as house:
        asyncio.run(house.ingest.reconcile())
        return {id: seen(house, id, embedder) for id in COLLECTIONS}


def seen(house: House, collection: str, embedder: Embedder) -> Index:
    store = house.registry.get(collection)
    entries = [entry for one in store.files() for entry in store.entries(one.file)]
    scores: dict[tuple[str, str], dict[str, float]] = {}
    for question in QUESTIONS:
        vector = embedder.queries([question])[0]
        found = store.candidates(vector, query_terms(question), len(entries) + 1)
        scores[question, "dense"] = {hit.chunk_id: hit.score for hit in found.dense}
        scores[question, "bm25"] = {hit.chunk_id: hit.score for hit in found.bm25}
    return Index(
        {entry.passage.chunk.id: entry.passage for entry in entries},
        {entry.passage.chunk.id: entry.terms for entry in entries},
        {entry.passage.chunk.id: entry.vector for entry in entries},
        scores,
        {file: replace(row, ctime_ns=0) for file, row in house.ledger.rows(collection).items()},
    )


def compare(left: Index, right: Index) -> None:
    """Raises AssertionError."""
    assert left.rows == right.rows, "the ledgers differ"
    assert left.passages == right.passages, "the chunks differ"
    assert left.terms == right.terms, "the terms differ"
    for chunk_id, vector in left.vectors.items():
        np.testing.assert_allclose(vector, right.vectors[chunk_id], atol=2e-3)
    for question, found in left.scores.items():
        assert found.keys() == right.scores[question].keys(), f"{question} finds others"
        for chunk_id, score in found.items():
            assert abs(score - right.scores[question][chunk_id]) < 2e-3, f"{question} scores"


class Folders:
    """Two collections of notes that change; the same seed makes the same."""

    def __init__(self, base: Path, chance: random.Random) -> None:
        self._base = base
        self._chance = chance
        self._made = 0
        for collection in COLLECTIONS:
            self._folder(collection).mkdir(parents=True)
        for _ in range(FILES):
            self._add()

    def change(self) -> None:
        kinds: tuple[Callable[[], None], ...] = (
            self._add,
            self._edit,
            self._edit,
            self._delete,
            self._rename,
        )
        for _ in range(CHANGES):
            self._chance.choice(kinds)()
        if self._chance.random() < 0.3:
            self._move_folder()

    def _folder(self, collection: str) -> Path:
        return self._base / "collections" / collection

    def _any_folder(self) -> Path:
        folder = self._folder(self._chance.choice(COLLECTIONS))
        return folder / f"part{self._chance.randrange(4)}"

    def _files(self) -> list[Path]:
        return sorted((self._base / "collections").rglob("*.md"))

    def _add(self) -> None:
        self._made += 1
        path = self._any_folder() / f"{self._made}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(self._text(self._made))

    def _edit(self) -> None:
        path = self._chance.choice(self._files())
        text = path.read_text()
        cut = self._chance.randrange(len(text))
        # The heading stays, for it is part of what is embedded of the other chunks.
        path.write_text(text[: max(cut, text.index("\n"))] + "\n\n" + self._paragraph())

    def _delete(self) -> None:
        self._chance.choice(self._files()).unlink()

    def _rename(self) -> None:
        self._made += 1
        target = self._any_folder() / f"{self._made}.md"
        target.parent.mkdir(exist_ok=True)
        self._chance.choice(self._files()).rename(target)

    def _move_folder(self) -> None:
        self._made += 1
        source = self._chance.choice(self._files()).parent
        target = self._folder(self._chance.choice(COLLECTIONS))
        source.rename(target / f"moved{self._made}")

    def _text(self, n: int) -> str:
        parts = [f"## Part {m}\n\n{self._paragraph()}" for m in range(self._chance.randrange(1, 5))]
        return "\n\n".join((f"# Note {n}", *parts))

    def _paragraph(self) -> str:
        return " ".join(self._chance.choices(WORDS, k=self._chance.randrange(20, 200))) + ".\n"


def kill(base: Path, act: str, after_s: float) -> bool:
    """Index in another process and kill it; True if that came before its end."""
    command = [sys.executable, "-c", PROGRAM, str(base), act]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def make_old(ledger: Path) -> None:
    """The ledger as the first schema had it."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        present = {row[1] for row in connection.execute("PRAGMA table_info(files)")}
        for column in {"ids", "ctime_ns"} & present:
            connection.execute(f"ALTER TABLE files DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 1")


def killed(base: Path, kills: int, seed: int) -> Iterator[tuple[str, float, bool]]:
    """What was being done, when it was killed, and whether that came in time.

    Raises AssertionError where an index differs from one from scratch.
    """
    chance = random.Random(seed)
    folders = Folders(base, chance)
    took_s = 1.0
    while kills:
        act = chance.choices(("change", "drop", "migrate", "again"), (6, 1, 1, 2))[0]
        if act != "again":
            folders.change()
        if act == "migrate" and (base / "var/ledger.sqlite").exists():
            make_old(base / "var/ledger.sqlite")
        after_s = chance.uniform(0, took_s)
        if not kill(base, act, after_s):
            took_s *= 0.8
            continue
        kills -= 1
        # Half of the time the next one is killed as well.
        if chance.random() < 0.5:
            began_s = time.monotonic()
            after = reconciled(base)
            took_s = 0.7 * took_s + 0.3 * (time.monotonic() - began_s)
            shutil.rmtree(base / "scratch", ignore_errors=True)
            scratch = reconciled(base, "scratch")
            assert not list(base.rglob("*.corrupt-*")), "something was set aside as corrupt"
            for collection in COLLECTIONS:
                compare(after[collection], scratch[collection])
            yield act, after_s, True
        else:
            yield act, after_s, False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    compared = done = 0
    with tempfile.TemporaryDirectory() as folder:
        for act, after_s, was_compared in killed(Path(folder), options.kills, options.seed):
            done += 1
            compared += was_compared
            said = "as from scratch" if was_compared else "killed again"
            print(f"{done}: {act}, after {after_s:.2f} s: {said}", flush=True)
    print(f"{done} kills, {compared} indexes compared with one from scratch: all equal")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
