import os
import sys
from pathlib import Path

import pytest

from trinax.evaluation.serving import PORT, Launch, ServerFailed, launched

FILES = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", PORT)


def test_a_server_is_ready_when_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text("42")
    with launched(Launch(FILES, "/answer.json", tmp_path)) as server:
        assert server.json("GET", "/answer.json") == 42
        assert server.ready_s > 0


def test_it_is_gone_afterwards(tmp_path: Path) -> None:
    with launched(Launch(FILES, "/", tmp_path)) as server:
        pid = server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_ends_says_why(tmp_path: Path) -> None:
    ends = (sys.executable, "-c", "print('no room'); raise SystemExit(3)")
    with (
        pytest.raises(ServerFailed, match=r"exit code 3:\nno room"),
        launched(Launch(ends, "/", tmp_path)),
    ):
        pass


def test_another_status_than_200_is_a_failure(tmp_path: Path) -> None:
    with (
        launched(Launch(FILES, "/", tmp_path)) as server,
        pytest.raises(ServerFailed, match="GET /nothing: 404"),
    ):
        server.json("GET", "/nothing")
