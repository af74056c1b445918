"""Files that change place, and never their vectors."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.conftest import House
from trinax.index.analysis import query_terms
from trinax.ingest.moves import Moves
from trinax.ingest.vectors import REMEMBERED_CHUNKS

# More than the attic remembers.
FILES = 1100
PARTS = 4


def move(source: Path, target: Path) -> None:
    source.rename(target)


def fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    for n in range(FILES):
        parts = [f"# Part {m} of {n}\n\n" + f"words{m} of note{n} " * 20 for m in range(PARTS)]
        (folder / f"{n:04}.md").write_text("\n\n".join(parts) + "\n")


@contextmanager
def watching(house: House, words: str) -> Iterator[list[bool]]:
    """Collects, in a thread, whether some words are found in any collection."""
    found: list[bool] = []
    over = threading.Event()

    def look() -> None:
        terms = query_terms(words)
        while not over.wait(0.01):
            stores = [house.store(id) for id in house.registry.ids()]
            found.append(any(store.candidates(None, terms, 1).bm25 for store in stores))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("target", ["again", "other"])  # reconciled before and after "notes"
async def test_a_large_folder_that_changes_collection_embeds_nothing_and_is_always_found(
    house: House, folder: Path, target: str
) -> None:
    fill(folder / "docs")
    (folder / "stays.md").write_text("alpha")
    (folder.parent / target).mkdir()
    await house.ingest.reconcile()
    embedded = house.embedder.count
    assert house.store().count() > REMEMBERED_CHUNKS
    move(folder / "docs", folder.parent / target / "docs")
    with watching(house, "note1") as found:
        outcome = await house.ingest.reconcile()
    assert house.embedder.count == embedded
    assert found
    assert all(found)
    assert house.files() == ["stays.md"]
    assert len(house.files(target)) == FILES
    assert (outcome.moved, outcome.deleted, outcome.added) == (0, FILES, FILES)


@pytest.mark.slow
async def test_a_large_folder_that_is_renamed_embeds_nothing_and_is_always_found(
    house: House, folder: Path
) -> None:
    fill(folder / "docs")
    await house.ingest.reconcile()
    embedded = house.embedder.count
    move(folder / "docs", folder / "papers")
    with watching(house, "note1") as found:
        outcome = await house.ingest.reconcile()
    assert house.embedder.count == embedded
    assert found
    assert all(found)
    assert house.files() == [f"papers/{n:04}.md" for n in range(FILES)]
    assert (outcome.moved, outcome.deleted, outcome.added) == (FILES, 0, 0)


async def test_files_that_change_names_with_each_other_embed_nothing(
    house: House, folder: Path
) -> None:
    (folder / "a.md").write_text("alpha alpha")
    (folder / "b.md").write_text("beta beta!!")
    await house.ingest.reconcile()
    for source, target in (("a.md", "c"), ("b.md", "a.md"), ("c", "b.md")):
        move(folder / source, folder / target)
    await house.ingest.reconcile()
    assert (house.texts("a.md"), house.texts("b.md")) == (["beta beta!!"], ["alpha alpha"])
    assert house.embedder.count == 2


async def test_collections_that_change_folders_with_each_other_do_not_wait_for_ever(
    house: House, folder: Path
) -> None:
    other = folder.parent / "other"
    for path, text in ((folder / "x/a.md", "alpha"), (other / "y/b.md", "gamma")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    await house.ingest.reconcile()
    move(folder / "x", other / "x")
    move(other / "y", folder / "y")
    await house.ingest.reconcile()
    assert (house.files(), house.files("other")) == (["y/b.md"], ["x/a.md"])
    assert house.embedder.count == 2


@pytest.mark.parametrize("name", ["Note.md", "NOTE.MD"])
async def test_a_rename_by_case_alone_is_a_rename(house: House, folder: Path, name: str) -> None:
    (folder / "note.md").write_text("alpha")
    await house.ingest.reconcile()
    os.rename(folder / "note.md", folder / name)
    await house.ingest.reconcile()
    assert house.files() == list(house.ledger.rows("notes")) == [name]
    assert house.embedder.count == 1


def test_a_collection_that_looks_is_waited_for() -> None:
    moves = Moves()
    moves.announce("other")
    looked = threading.Timer(0.05, moves.looked, ("other", [7, 7], [5]))
    looked.start()
    moves.wait_until_looked("notes", 10.0)
    assert moves.coming("notes") == {7}
    assert moves.leaving("notes") == {5}
    looked.join()


def test_a_collection_that_never_looks_is_not_waited_for_long() -> None:
    moves = Moves()
    moves.announce("other")
    moves.wait_until_looked("notes", 0.05)
    assert moves.coming("notes") == frozenset()


def test_sizes_are_awaited_until_all_files_have_come() -> None:
    moves = Moves()
    moves.looked("other", [7, 7, 8], [])
    moves.came("other", [7])
    assert moves.coming("notes") == {7, 8}
    moves.came("other", [7])
    assert moves.coming("notes") == {8}
    moves.end("other")
    assert moves.coming("notes") == frozenset()
