import asyncio
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import NOTES
from tests.backup.saving import (
    held,
    indexed,
    names,
    parted,
    restored,
    saved,
    saved_in_use,
)
from trinax.app import in_use, open_parts
from trinax.backup.contents import DOCUMENTS
from trinax.backup.reading import Reading
from trinax.backup.writing import backup
from trinax.errors import KeysFailed
from trinax.ingest.uploads import incoming
from trinax.settings import Settings


def test_it_holds_what_cannot_be_made_again(file: Path) -> None:
    found = names(file)
    assert {one.split("/")[0] for one in found} == {
        "index",
        "documents",
        "ledger.sqlite",
        "access.sqlite",
        "paused.json",
        "audit.jsonl",
    }
    documents = {one.removeprefix(f"{DOCUMENTS}/") for one in found if DOCUMENTS in one}
    assert documents == {f"My Notes/{name}" for name in NOTES if name != "secret.md"}


def test_it_says_what_it_is(origin: Settings, file: Path) -> None:
    with Reading(file) as reading:
        for part in reading.parts():
            list(part.pieces)
    assert reading.head.collections == ("empty", "manuals", "my-notes")
    assert reading.head.versions == {"index": 3, "ledger.sqlite": 2, "access.sqlite": 1}
    assert [one.collection for one in reading.end.indexes] == [*reading.head.collections]
    assert {one.embedder.rsplit("-", 2)[0] for one in reading.end.indexes} == {"trinax-embed"}
    assert {*reading.end.folders} == {"My Notes", "empty"}
    assert reading.end.left_out == ()


def test_documents_can_be_left_out(origin: Settings, tmp_path: Path) -> None:
    found = names(saved(origin, tmp_path / "a.tar", documents=False))
    assert not [one for one in found if one.startswith(DOCUMENTS)]


def test_nothing_is_left_of_its_making(origin: Settings, tmp_path: Path) -> None:
    saved(origin, tmp_path / "a.tar")
    assert list((origin.data_dir / "incoming").iterdir()) == []


@pytest.mark.parametrize("by", ["python", "tar"])
def test_any_tar_unpacks_it_as_it_was(origin: Settings, tmp_path: Path, by: str) -> None:
    file = saved(origin, tmp_path / "a.tar")
    if by == "tar":
        subprocess.run(["tar", "-xf", file, "-C", tmp_path], check=True)
    else:
        with tarfile.open(file) as tar:
            tar.extractall(tmp_path, filter="data")
    shard = origin.data_dir / "index" / "my-notes" / "shard"
    files = [path.relative_to(shard) for path in shard.rglob("*") if path.is_file()]
    assert files
    for one in files:
        unpacked = tmp_path / "index" / "my-notes" / "shard" / one
        assert unpacked.read_bytes() == (shard / one).read_bytes()


def test_holes_take_no_room(origin: Settings, file: Path) -> None:
    index = (path for path in (origin.data_dir / "index").rglob("*") if path.is_file())
    assert sum(path.stat().st_size for path in index) > 200_000_000
    assert file.stat().st_size < 5_000_000


def test_keys_that_cannot_be_read_are_no_quiet_loss(origin: Settings, tmp_path: Path) -> None:
    settings = replace(origin, base=tmp_path / "copy")
    shutil.copytree(origin.base, settings.base)
    (settings.data_dir / "access.sqlite").write_bytes(b"garbage " * 1000)
    with pytest.raises(KeysFailed, match="not a database"):
        saved(settings, tmp_path / "a.tar")
    assert list((settings.data_dir / "incoming").iterdir()) == []


def test_what_changes_meanwhile_is_never_claimed_and_missing(
    tmp_path: Path, elsewhere: Settings
) -> None:
    settings = Settings(base=tmp_path)
    notes = settings.collections_dir / "notes"
    notes.mkdir(parents=True)

    async def run() -> list[Path]:
        async with open_parts(settings) as parts:
            await parts.ingest.reconcile()
            files = []
            done = asyncio.Event()

            async def change() -> None:
                n = 0
                while not done.is_set():
                    n += 1
                    for each in range(n, n + 20):
                        (notes / f"{each % 60}.md").write_text(f"# Note\n\nSaid {n} times. " * 9)
                    (notes / f"{n % 60}.md").unlink()
                    await parts.ingest.reconcile()

            changing = asyncio.create_task(change())
            for n in range(6):
                await asyncio.sleep(0.05)
                files.append(await asyncio.to_thread(saved_in_use, parts, tmp_path / f"{n}.tar"))
            done.set()
            await changing
            return files

    for file in asyncio.run(run()):
        restored(file, elsewhere, force=True)
        assert parted(elsewhere) == []


def test_a_collection_that_is_renamed_meanwhile_is_there_once(
    tmp_path: Path, elsewhere: Settings
) -> None:
    settings = Settings(base=tmp_path)
    for name in ("a", "b"):
        (settings.collections_dir / name).mkdir(parents=True)
        (settings.collections_dir / name / "note.md").write_text(f"# {name}\n\nwords\n")

    async def run() -> None:
        async with open_parts(settings) as parts:
            await parts.ingest.reconcile()
            file = (tmp_path / "a.tar").open("wb")
            with file, incoming(settings.data_dir) as apart:
                for n, part in enumerate(backup(settings, in_use(parts), apart)):
                    file.write(part)
                    if n == 0:
                        await parts.manager.rename("a", "c")

    asyncio.run(run())
    found = restored(tmp_path / "a.tar", elsewhere)
    ids = {one.collection for one in found.end.indexes}
    assert ids in ({"a", "b"}, {"b", "c"})
    assert {*held(elsewhere)} == ids


def test_a_collection_whose_index_cannot_be_opened_is_named(
    tmp_path: Path, elsewhere: Settings
) -> None:
    settings = Settings(base=tmp_path)
    (settings.collections_dir / "notes").mkdir(parents=True)
    (settings.collections_dir / "notes" / "a.md").write_text("alpha")
    indexed(settings)
    store = settings.data_dir / "index" / "notes" / "store.json"
    store.write_text(store.read_text().replace('"format": 3', '"format": 99'))

    async def run() -> None:
        async with open_parts(settings) as parts:
            saved_in_use(parts, tmp_path / "a.tar")

    asyncio.run(run())
    with Reading(tmp_path / "a.tar") as reading:
        for part in reading.parts():
            list(part.pieces)
    assert reading.end.indexes == ()
    assert "newer trinax" in reading.end.left_out[0].reason
    assert restored(tmp_path / "a.tar", elsewhere).end.left_out == reading.end.left_out
