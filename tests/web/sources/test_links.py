from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.documents.test_opening import swapping

SECRET = "the combination of the safe is 7341"
READS = 100


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("guide.md", "timer.py"):
        (folder / name).write_text(SECRET)
    return folder


@pytest.mark.parametrize("swapped", ["demo", "demo/guide.md"])
def test_a_link_that_is_swapped_in_gives_nothing_away(
    fresh: TestClient, tmp_path: Path, outside: Path, swapped: str
) -> None:
    target = outside if swapped == "demo" else outside / "guide.md"
    with swapping(tmp_path / "collections" / swapped, target):
        answers = [fresh.get("/v1/sources/demo/guide.md") for _ in range(READS)]
    assert {answer.status_code for answer in answers} <= {200, 404, 422}
    assert not any(SECRET in answer.text for answer in answers)


def test_a_link_in_the_place_of_a_file_is_not_read(
    fresh: TestClient, tmp_path: Path, outside: Path
) -> None:
    guide = tmp_path / "collections/demo/guide.md"
    guide.unlink()
    guide.symlink_to(outside / "guide.md")
    answer = fresh.get("/v1/sources/demo/guide.md")
    assert (answer.status_code, SECRET in answer.text) == (422, False)
