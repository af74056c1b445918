"""A branch of git is checked out that changes thousands of files of a watched collection."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from trinax.evaluation import builtin
from trinax.evaluation.ingestion import corpora
from trinax.evaluation.ingestion.watching import (
    Figures,
    Folders,
    Whole,
    folders,
    pause,
    seconds,
    settled,
)

COLLECTION = "repository"
BRANCH = "other"
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")


def measured(files: int = 3000, changed: int = 2000) -> Figures:
    """Seconds from the beginning of the checkout until the collection has settled, and which of
    its chunks an index from scratch has not, or it has not of those; empty without git.

    Of the changed files a tenth is deleted and a tenth new.
    """
    if shutil.which("git") is None:
        return {}
    with folders() as places:
        tree = places.collections / COLLECTION
        before, after = _repository(tree, files, changed)
        with places.served() as server:
            settled(server, COLLECTION, before, pause)

            def check_out() -> None:
                _git(tree, "checkout", "--quiet", BRANCH)
                settled(server, COLLECTION, after, pause)

            taken_s = seconds(check_out)
        found = _chunks(places)
        with _fresh(places).served() as server:
            settled(server, COLLECTION, after, pause)
        wanted = _chunks(_fresh(places))
    return {
        "files": after.files,
        "changed": changed,
        "seconds": round(taken_s, 2),
        "chunks": sum(wanted.values()),
        "lost": (wanted - found).total(),
        "double": (found - wanted).total(),
    }


def _repository(tree: Path, files: int, changed: int) -> tuple[Whole, Whole]:
    """What is there to be found on each of its two branches; the first is checked out."""
    corpora.notes(tree, files)
    git = partial(_git, tree)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "Take notes")
    before = _whole(tree)
    git("checkout", "--quiet", "-b", BRANCH)
    tenth = changed // 10
    for number in range(tenth):
        corpora.note_path(tree, number).unlink()
    for number in range(tenth, changed - tenth):
        corpora.note_path(tree, number).write_text(corpora.note(number, edition=1), "utf-8")
    corpora.notes(tree, tenth, first=files)
    git("add", "--all", ".")
    git("commit", "--quiet", "--message", "Take other notes")
    after = _whole(tree)
    git("checkout", "--quiet", "main")
    return before, after


def _git(tree: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=tree, check=True)


def _whole(tree: Path) -> Whole:
    sizes = [path.stat().st_size for path in _notes(tree)]
    return Whole(len(sizes), sum(sizes))


def _notes(tree: Path) -> Iterator[Path]:
    return (path for path in tree.rglob("*.md") if ".git" not in path.parts)


def _fresh(places: Folders) -> Folders:
    """The same collections with nothing indexed yet."""
    return Folders(places.data.with_name("fresh"), places.collections, places.stage)


def _chunks(places: Folders) -> Counter[tuple[str, str]]:
    """File and text of every chunk in a store that no server has open."""
    store = builtin.parts().open_store(COLLECTION, places.data / "index" / COLLECTION)
    try:
        return Counter(
            (one.file, part.chunk.text) for one in store.files() for part in store.chunks(one.file)
        )
    finally:
        store.close()
