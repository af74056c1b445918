import errno
from pathlib import Path

import pytest

from trinax.documents.opening import Place
from trinax.errors import FolderFailed, StorageFull
from trinax.ingest.naming import BadName
from trinax.ingest.uploads import PART, Sent, failure, incoming, placed, removed, sweep


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def sent(folder: Path, file: str, text: str = "alpha") -> Sent:
    content = folder / "content"
    content.write_text(text)
    return Sent(file, len(text), content)


def test_a_file_is_added_left_and_replaced(home: Path, tmp_path: Path) -> None:
    outcomes = [
        placed(sent(tmp_path, "a/b.md", text), home).outcome for text in ("one", "one", "two")
    ]
    assert outcomes == ["added", "unchanged", "replaced"]
    assert (home / "a/b.md").read_text() == "two"


def test_a_file_in_the_place_of_a_folder_is_refused(home: Path, tmp_path: Path) -> None:
    (home / "a").write_text("x")
    with pytest.raises(BadName, match="a file or a link"):
        placed(sent(tmp_path, "a/b.md"), home)
    (home / "c.md").mkdir()
    with pytest.raises(BadName, match="a folder"):
        placed(sent(tmp_path, "c.md"), home)


@pytest.mark.parametrize("file", ["link/a.md", "link"])
def test_no_link_is_followed(home: Path, tmp_path: Path, file: str) -> None:
    (tmp_path / "outside").mkdir()
    (home / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(BadName):
        placed(sent(tmp_path, file), home)
    assert [*(tmp_path / "outside").iterdir()] == []


def test_content_that_cannot_be_read_leaves_nothing(home: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        placed(Sent("a.md", 5, tmp_path / "gone"), home)
    assert [*home.iterdir()] == []


def test_what_a_killed_server_left_is_removed(home: Path, tmp_path: Path) -> None:
    (home / f"{PART}left").write_text("half")
    placed(sent(tmp_path, "a.md"), home)
    assert [each.name for each in home.iterdir()] == ["a.md"]


def test_what_was_sent_is_gone_with_its_request(tmp_path: Path) -> None:
    with incoming(tmp_path) as folder:
        (folder / "0").write_text("half")
    assert not folder.exists()
    folder.mkdir()
    sweep(tmp_path)
    assert not folder.exists()


def test_a_file_that_is_gone_is_no_matter(home: Path) -> None:
    (home / "a.md").write_text("x")
    for file in ("a.md", "a.md", "no/b.md"):
        removed(Place(home, file))
    assert [*home.iterdir()] == []


def test_a_full_disk_is_told_from_a_folder_that_cannot_be_written() -> None:
    assert isinstance(failure(OSError(errno.ENOSPC, "full"), "It"), StorageFull)
    assert isinstance(failure(OSError(errno.EDQUOT, "quota"), "It"), StorageFull)
    assert isinstance(failure(OSError(errno.EROFS, "Read-only"), "It"), FolderFailed)
