from collections.abc import Iterator
from pathlib import Path

import pytest

from trinax.documents.opening import Place
from trinax.errors import CollectionNotFound, InvalidRequest, SourceNotFound
from trinax.index.ledger import Ledger, Row
from trinax.ingest.folders import Folders, listing, roots
from trinax.ingest.scan import Root


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "collections"
    home.mkdir()
    return home


@pytest.fixture
def folders(home: Path, ledger: Ledger) -> Folders:
    return Folders(home, {}, ledger)


def test_every_folder_is_a_collection_by_its_slug(home: Path) -> None:
    (home / "My Notes").mkdir()
    (home / ".hidden").mkdir()
    (home / "file.md").write_text("x")
    assert listing(home).folders == {"my-notes": home / "My Notes"}


def test_no_collections_folder_is_no_collection(tmp_path: Path) -> None:
    assert listing(tmp_path / "none").folders == {}


def test_the_second_folder_of_an_id_is_refused_with_a_reason(home: Path) -> None:
    for name in ("A B", "a b", "a-b"):
        (home / name).mkdir()
    found = listing(home)
    assert found.folders == {"a-b": home / "a-b"}
    assert [one.file for one in found.refused] == ["A B", "a b"]
    assert "'a-b' is taken by 'a-b'" in found.refused[0].reason


def test_a_link_is_refused_with_a_reason(home: Path, tmp_path: Path) -> None:
    (home / "link").symlink_to(tmp_path)
    found = listing(home)
    assert found.folders == {}
    assert "trinax index" in found.refused[0].reason


def test_the_first_root_has_no_prefix() -> None:
    assert roots(Path("/c/a"), []) == (Root(Path("/c/a")),)
    assert roots(None, [Path("/x/docs")]) == (Root(Path("/x/docs"), "", "/x/docs"),)


def test_later_roots_are_told_apart_by_their_names() -> None:
    added = [Path("/y/docs"), Path("/x/docs"), Path("/x/code")]
    assert [(str(one.folder), one.prefix) for one in roots(Path("/c/a"), added)] == [
        ("/c/a", ""),
        ("/x/code", "code/"),
        ("/x/docs", "docs/"),
        ("/y/docs", "docs-2/"),
    ]


def test_an_added_folder_is_remembered(folders: Folders, ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    folders.add("notes", tmp_path / "docs")
    again = Folders(tmp_path / "collections", {}, ledger)
    again.refresh(())
    assert [root.folder for root in again.roots("notes")] == [tmp_path / "docs"]


@pytest.mark.parametrize("id", ["", "A", "a b", "ä", "../x", "x" * 49])
def test_an_id_that_is_no_slug_is_refused(folders: Folders, tmp_path: Path, id: str) -> None:
    with pytest.raises(InvalidRequest):
        folders.add(id, tmp_path)


def test_a_folder_that_is_not_there_is_refused(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="'gone' is no folder"):
        folders.add("notes", tmp_path / "gone")


def test_a_folder_within_another_is_refused(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "docs/deep").mkdir(parents=True)
    folders.add("notes", tmp_path / "docs")
    folders.refresh(())
    with pytest.raises(InvalidRequest, match="'deep' overlaps with 'docs'"):
        folders.add("notes", tmp_path / "docs/deep")


def test_adding_a_folder_again_changes_nothing(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    folders.add("notes", tmp_path / "docs")
    folders.refresh(())
    folders.add("notes", tmp_path / "docs" / ".." / "docs")
    folders.refresh(())
    assert len(folders.roots("notes")) == 1


def test_an_indexed_file_is_located(folders: Folders, home: Path, ledger: Ledger) -> None:
    (home / "notes").mkdir()
    (home / "notes/a.md").write_text("x")
    ledger.put("notes", [Row("a.md", "", 1, 1, "d", "v", 1, "indexed")])
    folders.refresh(())
    assert folders.located("notes", "a.md") == Place(home / "notes", "a.md")


def test_a_file_of_an_added_folder_is_located_by_its_prefix(
    folders: Folders, home: Path, tmp_path: Path, ledger: Ledger
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (home / "notes").mkdir()
    folders.add("notes", docs)
    folders.refresh(())
    ledger.put("notes", [Row("docs/a.md", str(docs), 1, 1, "d", "v", 1, "indexed")])
    assert folders.located("notes", "docs/a.md") == Place(docs, "a.md")


@pytest.mark.parametrize("file", ["b.md", "../secret.md", "/etc/passwd", "", ".env", "a\0b"])
def test_a_file_that_is_not_indexed_is_not_located(folders: Folders, home: Path, file: str) -> None:
    (home / "notes").mkdir()
    (home / "notes/b.md").write_text("x")
    folders.refresh(())
    with pytest.raises(SourceNotFound):
        folders.located("notes", file)


def test_an_unknown_collection_is_said_to_be_unknown(folders: Folders) -> None:
    with pytest.raises(CollectionNotFound):
        folders.roots("nothing")


def test_a_refresh_names_what_came(folders: Folders, home: Path) -> None:
    (home / "a").mkdir()
    assert folders.refresh(()) == {"a"}
    (home / "b").mkdir()
    assert folders.refresh(()) == {"b"}


@pytest.mark.parametrize("path", ["/x\0y", "/" + "x" * 5000, "/etc/passwd", "/gone", "/dev/null"])
def test_what_is_no_folder_is_refused_by_its_name(folders: Folders, path: str) -> None:
    with pytest.raises(InvalidRequest, match="is no folder that can be read") as refused:
        folders.add("notes", Path(path))
    assert "/" not in str(refused.value)
    assert len(str(refused.value)) < 400
