"""What was saved just now goes before a backlog."""

from pathlib import Path

import pytest

from tests.ingest.conftest import House
from tests.ingest.test_watch import until
from trinax.ingest.debounce import MOST_PATHS
from trinax.ingest.front import Front
from trinax.ingest.records import Outcome

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


async def saved(house: House, folder: Path, name: str, text: str) -> Outcome:
    """Of a run that is told of the file."""
    (folder / name).write_text(text)
    house.ingest.reconciler.front.put("notes", {str(folder / name)})
    return await house.ingest.reconcile()


async def test_what_was_saved_is_counted_once(house: House, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(name)
    await house.ingest.reconcile()
    outcome = await saved(house, folder, "a.md", "another")
    assert (outcome.changed, outcome.unchanged) == (1, 1)
    outcome = await saved(house, folder, "c.md", "new")
    assert (outcome.added, outcome.changed, outcome.unchanged) == (1, 0, 2)
    assert house.ingest.status("notes").indexed == 3


async def test_a_saved_file_that_the_rules_leave_out_stays_out(house: House, folder: Path) -> None:
    (folder / ".gitignore").write_text("private.md\n")
    await house.ingest.reconcile()
    outcome = await saved(house, folder, "private.md", "secret")
    assert (outcome.added, outcome.skipped) == (0, 2)
    assert house.files() == []


async def test_what_is_gone_is_left_to_the_look_at_everything(house: House, folder: Path) -> None:
    (folder / "a.md").write_text("alpha")
    await house.ingest.reconcile()
    (folder / "a.md").rename(folder / "b.md")
    paths = {str(folder / name) for name in ("a.md", "b.md")}
    house.ingest.reconciler.front.put("notes", paths)
    outcome = await house.ingest.reconcile()
    assert (outcome.moved, outcome.added, outcome.deleted) == (1, 0, 0)
    assert house.embedder.count == 1


async def test_a_flush_passes_over_what_was_dropped(house: House, folder: Path) -> None:
    (folder / "a.md").write_text("alpha")
    await house.ingest.reconcile()
    house.registry.drop("notes")
    house.ingest.reconciler.flush()
    assert house.registry.ids() == []
