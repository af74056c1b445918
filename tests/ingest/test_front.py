"""What was saved just now goes before a backlog."""

from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.test_watch import until
from trinax.ingest.debounce import MOST_PATHS
from trinax.ingest.front import Front

FILES = 3000


def test_paths_are_given_once() -> None:
    front = Front()
    front.put("notes", {"/a"})
    front.put("notes", {"/b"})
    front.put("other", {"/c"})
    assert front.take("notes") == {"/a", "/b"}
    assert front.take("notes") == frozenset()


def test_many_paths_are_left_to_the_next_run() -> None:
    front = Front()
    front.put("notes", {str(n) for n in range(MOST_PATHS)})
    front.put("notes", {"/one more"})
    assert front.take("notes") == frozenset()


async def backlog(house: House, folder: Path, text: str) -> None:
    """Returns once a long reconcile has begun to write."""
    for n in range(FILES):
        (folder / f"{n:04}.md").write_text(f"note number {n}\n\n{text}")
    await house.ingest.start()
    await until(lambda: house.ingest.status("notes").chunks > 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "file"),
    [("", "deep/new.md"), ("words " * 150, "deep/new.md"), ("words " * 150, "deep/new.html")],
    ids=["in a thread", "in processes", "read apart"],
)
async def test_a_file_saved_during_a_long_reconcile_is_found_before_its_end(
    house: House, folder: Path, text: str, file: str
) -> None:
    await backlog(house, folder, text)
    (folder / "deep").mkdir()
    (folder / file).write_text("saved just now")
    await until(lambda: house.texts(file) == ["saved just now"])
    assert house.ingest.status("notes").queued > 0
    await house.ingest.wait_idle()
    assert house.store().count() == house.ingest.status("notes").chunks == FILES + 1


@pytest.mark.slow
async def test_edits_renames_and_deletions_during_a_long_reconcile_are_what_counts(
    house: House, folder: Path
) -> None:
    await backlog(house, folder, "")
    (folder / "0000.md").write_text("edited")
    (folder / "0001.md").rename(folder / "renamed.md")
    (folder / "0002.md").unlink()
    await until(lambda: house.texts("0000.md") == ["edited"])
    assert house.ingest.status("notes").queued > 0
    await until(lambda: not house.texts("0002.md") and bool(house.texts("renamed.md")))
    await house.ingest.wait_idle()
    assert house.files() == sorted(house.ledger.rows("notes"))
    assert len(house.files()) == FILES - 1
    assert house.texts("0001.md") == []


@pytest.mark.slow
async def test_an_ignored_file_saved_during_a_long_reconcile_stays_out(
    house: House, folder: Path
) -> None:
    (folder / ".gitignore").write_text("private.md\n")
    await backlog(house, folder, "")
    (folder / "private.md").write_text("secret")
    (folder / "public.md").write_text("for all")
    await until(lambda: house.texts("public.md") == ["for all"])
    assert house.texts("private.md") == []
    await house.ingest.wait_idle()
    assert house.texts("private.md") == []
