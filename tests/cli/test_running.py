import json
import os
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from trinax.cli.running import FILE, Running, announced, read


def test_a_running_server_can_be_found(tmp_path: Path) -> None:
    with announced(tmp_path / "var", "http://127.0.0.1:3333"):
        assert read(tmp_path / "var") == Running(os.getpid(), "http://127.0.0.1:3333")


def test_only_the_owner_can_read_where_it_is(tmp_path: Path) -> None:
    with announced(tmp_path, "http://127.0.0.1:3333"):
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_stopped_server_leaves_nothing(tmp_path: Path) -> None:
    with announced(tmp_path, "http://127.0.0.1:3333"):
        pass
    assert list(tmp_path.iterdir()) == []
    assert read(tmp_path) is None


def test_a_failing_server_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), announced(tmp_path, "http://127.0.0.1:3333"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_later_server_stays(tmp_path: Path) -> None:
    later = Running(os.getpid() + 1, "http://127.0.0.1:4444")
    with announced(tmp_path, "http://127.0.0.1:3333"):
        (tmp_path / FILE).write_text(json.dumps(asdict(later)))
    assert read(tmp_path) == later


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x", "url": ""}', "null"])
def test_a_broken_file_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert read(tmp_path) is None
