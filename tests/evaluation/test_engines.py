import sys
from pathlib import Path

import pytest

from trinax.errors import InvalidRequest
from trinax.evaluation.engines import Peers, engines, found_peers
from trinax.evaluation.serving import PORT

MODEL = Path("models/random.gguf")


def test_peers_that_are_not_there_are_named() -> None:
    with pytest.raises(InvalidRequest, match="/nowhere/llama-server is no program"):
        found_peers("/nowhere/llama-server", None)
    with pytest.raises(InvalidRequest, match="/nowhere/python is no Python with"):
        found_peers(None, "/nowhere/python")


def test_a_program_is_found(tmp_path: Path) -> None:
    assert found_peers(sys.executable, None) == Peers(Path(sys.executable))


def test_without_peers_there_is_trinax_alone() -> None:
    assert [engine.name for engine in engines(MODEL, Peers(), 2)] == ["trinax"]


def test_all_have_a_port_and_the_same_number_of_threads() -> None:
    every = engines(MODEL, Peers(Path("llama-server"), Path("python3")), 3)
    assert [engine.name for engine in every] == [
        "trinax",
        "llama-server",
        "llama-server --kv-unified",
        "llama_cpp.server",
    ]
    assert all(PORT in engine.command for engine in every)
    assert all("3" in (*engine.command, *engine.settings.split()) for engine in every)
