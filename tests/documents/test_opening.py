import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from trinax.documents.opening import Place, is_file, opened

SWAPS = 3000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("root/docs", "outside"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "root/docs/note.md").write_text("own")
    (tmp_path / "outside/note.md").write_text("secret")
    return tmp_path / "root"


def text(root: Path, path: str) -> str:
    with opened(Place(root, path)) as stream:
        return stream.read().decode()


@contextmanager
def swapping(entry: Path, target: Path) -> Iterator[None]:
    """A thread that puts a link to the target in the entry's place and takes it away again."""
    aside, link = entry.with_name("aside"), entry.with_name("link")
    ended = threading.Event()

    def swap() -> None:
        while not ended.is_set():
            os.symlink(target, link)
            os.rename(entry, aside)
            os.rename(link, entry)
            os.unlink(entry)
            os.rename(aside, entry)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def seen_while_swapping(root: Path, swapped: str, target: Path) -> set[str]:
    seen: set[str] = set()
    tries = 0
    with swapping(root / swapped, target):
        while tries < SWAPS or not seen:  # on a busy machine it may be away each time
            tries += 1
            with suppress(OSError):
                seen.add(text(root, "docs/note.md"))
    return seen


def test_a_file_is_read(root: Path) -> None:
    assert text(root, "docs/note.md") == "own"
    assert is_file(Place(root, "docs/note.md"))


@pytest.mark.parametrize(
    "path",
    [
        *("../outside/note.md", "docs/../../outside/note.md", "..", ".", "", "docs", "docs/"),
        *("docs/note.md\0", "docs%2Fnote.md", "docs\\note.md", "C:\\docs\\note.md", "C:/note.md"),
        *("..%2foutside/note.md", "x" * 5000, "docs/./note.md", "docs/note.md/x"),
    ],
)
def test_no_other_path_is_a_file_of_the_folder(root: Path, path: str) -> None:
    assert not is_file(Place(root, path))
    with pytest.raises(OSError, match=r"."):
        opened(Place(root, path))


def test_an_absolute_path_is_taken_from_the_folder(root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        opened(Place(root, str(tmp_path / "outside/note.md")))


@pytest.mark.parametrize("path", ["out/note.md", "out.md", "again.md", "twice/note.md"])
def test_no_link_is_followed(root: Path, tmp_path: Path, path: str) -> None:
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out.md").symlink_to(tmp_path / "outside/note.md")
    (root / "again.md").symlink_to("docs/note.md")
    (root / "twice").symlink_to("docs")
    assert not is_file(Place(root, path))
    with pytest.raises(OSError, match=r"."):
        opened(Place(root, path))


def test_a_folder_that_became_a_link_is_not_entered(root: Path, tmp_path: Path) -> None:
    root.rename(tmp_path / "aside")
    root.symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"."):
        opened(Place(root, "note.md"))


def test_a_pipe_is_refused_at_once(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(OSError, match="Not a regular file"):
        opened(Place(root, "pipe"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted in /proc")
def test_a_refusal_leaves_no_descriptor_open(root: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for path in ("docs", "docs/gone", "../x", "gone/gone"):
        with pytest.raises(OSError, match=r"."):
            opened(Place(root, path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_swapped_for_a_link_meanwhile_gives_nothing_away(root: Path, tmp_path: Path) -> None:
    seen = seen_while_swapping(root, "docs/note.md", tmp_path / "outside/note.md")
    assert seen == {"own"}


def test_a_folder_swapped_for_a_link_meanwhile_gives_nothing_away(
    root: Path, tmp_path: Path
) -> None:
    assert seen_while_swapping(root, "docs", tmp_path / "outside") == {"own"}
