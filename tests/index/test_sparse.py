from pathlib import Path

import pytest

from trinax.index.sparse import BLOCK_BYTES, copy, copy_tree, extents, held_bytes

SIZE = 64 * BLOCK_BYTES


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """With four bytes in its third block, and two at its end."""
    path = tmp_path / "holed"
    with path.open("wb") as file:
        file.seek(2 * BLOCK_BYTES + 5)
        file.write(b"word")
        file.seek(SIZE)
        file.write(b"ok")
    return path


def test_what_is_no_hole_is_found(holed: Path) -> None:
    with holed.open("rb") as stream:
        assert extents(stream) == [(2 * BLOCK_BYTES, BLOCK_BYTES), (SIZE, 2)]


@pytest.mark.parametrize("content", [b"", b"a", bytes(10), bytes(BLOCK_BYTES), b"x" * 200_000])
def test_a_copy_has_the_same_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


def test_a_copy_takes_no_more_room(holed: Path, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(holed.read_bytes())
    copy(tmp_path / "full", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == holed.read_bytes()
    assert (tmp_path / "copy").stat().st_blocks < (tmp_path / "full").stat().st_blocks / 4


def test_a_tree_is_copied_with_its_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "tree" / "inner" / "empty").mkdir(parents=True)
    (tmp_path / "tree" / "inner" / "a").write_bytes(b"a")
    copy_tree(tmp_path / "tree", tmp_path / "new" / "copy")
    assert sorted(path.name for path in (tmp_path / "new").rglob("*")) == [
        "a",
        "copy",
        "empty",
        "inner",
    ]


def test_holes_take_nothing_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with (tmp_path / "inner" / "holes").open("wb") as file:
        file.truncate(100_000_000)
    (tmp_path / "full").write_bytes(b"x" * 100_000)
    assert 100_000 <= held_bytes(tmp_path) < 10_000_000
