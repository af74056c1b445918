"""Signals to a server in a process of its own, with a model that writes until it is stopped."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.cli.test_serve import Served, places, serving
from tests.gguf_files import ENDLESS, tiny_llama

pytestmark = pytest.mark.slow

GO = [{"role": "user", "content": "go"}]
LONG = {"model": "endless", "max_tokens": 100_000}
CHAT = {**LONG, "messages": GO, "collections": [], "stream": True}
OLLAMA = {"model": "endless", "collections": [], "options": {"num_predict": 100_000}}
STOPPED = "server_stopping"
# Path → what is asked there for a stream.
WIRES = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": {**LONG, "prompt": "go", "stream": True},
    "/v1/responses": {
        "model": "endless",
        "input": "go",
        "collections": [],
        "max_output_tokens": 100_000,
        "stream": True,
    },
    "/api/v1/chat": CHAT,
    "/api/v1/generate": {**LONG, "prompt": "go", "collections": [], "stream": True},
    "/task/v1/chat/completions": CHAT,
    "/api/chat": {**OLLAMA, "messages": GO},
    "/api/generate": {**OLLAMA, "prompt": "go"},
}


@contextmanager
def settled(folder: Path, settings: str) -> Iterator[Served]:
    """A server with these settings beside it, and two models."""
    (folder / "var" / "models").mkdir(parents=True)
    tiny_llama(folder / "var/models/endless.gguf", ENDLESS, context_tokens=16_384)
    tiny_llama(folder / "var/models/counting.gguf")
    (folder / "trinax.toml").write_text(settings)
    with serving(folder, "--config", str(folder / "trinax.toml")) as served:
        yield served


def client(served: Served) -> httpx.Client:
    return httpx.Client(base_url=served.url, trust_env=False, timeout=30)


def read(served: Served, path: str, body: object, begun: Callable[[], None]) -> str:
    """A stream to its end. begun: called once something has come."""
    text = ""
    with client(served) as http, http.stream("POST", path, json=body) as answer:
        assert answer.status_code == 200
        for part in answer.iter_text():
            text += part
            begun()
    return text


@contextmanager
def streaming(served: Served, *paths: str) -> Iterator[dict[str, Future[str]]]:
    """Streams that have begun, and what they will have said in the end."""
    waiting = set(paths)
    with ThreadPoolExecutor(len(paths)) as threads:
        told = {
            path: threads.submit(read, served, path, WIRES[path], partial(waiting.discard, path))
            for path in paths
        }
        deadline = time.monotonic() + 30
        while waiting and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not waiting
        yield told


def until(holds: Callable[[], bool], limit_s: float = 15.0) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_wire_says_that_the_server_stops(tmp_path: Path) -> None:
    slots = f"[models]\nslots = {len(WIRES)}\n"
    limits = "[limits]\nstreams_per_client = 0\n"
    with settled(tmp_path, f"[server]\ngrace_s = 0.5\n{slots}{limits}") as served:
        with streaming(served, *WIRES) as told:
            served.process.send_signal(signal.SIGTERM)
            said = {path: stream.result(timeout=30) for path, stream in told.items()}
        _, complaint = served.process.communicate(timeout=20)
    last = {path: text.rstrip("\n").rpartition("\n")[2] for path, text in said.items()}
    assert {path: line for path, line in last.items() if STOPPED not in line} == {}
    assert [json.loads(line.removeprefix("data: ")) for line in last.values()]
    assert "Traceback" not in complaint
    assert "Stopping: " in complaint


def test_what_ends_in_time_ends_as_ever_and_nothing_new_begins(tmp_path: Path) -> None:
    with settled(tmp_path, "[server]\ngrace_s = 30.0\n") as served:
        body = {**CHAT, "max_tokens": 6000}
        begun: list[bool] = []
        with ThreadPoolExecutor(1) as threads, client(served) as http:
            stream = threads.submit(
                read, served, "/v1/chat/completions", body, lambda: begun.append(True)
            )
            until(lambda: bool(begun))
            served.process.send_signal(signal.SIGTERM)
            until(lambda: http.get("/ready").status_code == 503)
            assert http.get("/ready").json() == {"ready": False}
            assert http.get("/health").json() == {"status": "ok"}
            refused = http.get("/v1/models")
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, STOPPED)
            assert int(refused.headers["retry-after"]) > 0
            assert "trinax_stopping 1.0" in http.get("/metrics").text
            text = stream.result(timeout=60)
        assert text.endswith("data: [DONE]\n\n")
        assert '"finish_reason":"length"' in text
        served.process.communicate(timeout=20)
    assert served.process.returncode in (0, -signal.SIGTERM)


def test_a_second_signal_waits_for_nobody(tmp_path: Path) -> None:
    with settled(tmp_path, "[server]\ngrace_s = 60.0\n") as served:
        with streaming(served, "/v1/chat/completions") as told, client(served) as http:
            served.process.send_signal(signal.SIGINT)
            until(lambda: http.get("/ready").status_code == 503)
            served.process.send_signal(signal.SIGINT)
            assert STOPPED in told["/v1/chat/completions"].result(timeout=15)
        served.process.communicate(timeout=20)


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
CALL = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "research", "arguments": {"query": "Is it hot?", "model": "endless"}},
}


def session(http: httpx.Client) -> dict[str, str]:
    """The headers of a new session of an agent."""
    accepts = {"accept": "application/json, text/event-stream"}
    opened = http.post("/mcp", json=HELLO, headers=accepts)
    return {**accepts, "mcp-session-id": opened.headers["mcp-session-id"]}


def test_a_tool_that_an_agent_has_called_says_that_it_was_ended(tmp_path: Path) -> None:
    settings = "[server]\ngrace_s = 0.5\n[models]\nslots = 1\n"
    with settled(tmp_path, settings) as served, client(served) as http:
        agent = session(http)
        with streaming(served, "/v1/chat/completions"), ThreadPoolExecutor(1) as threads:
            called = threads.submit(http.post, "/mcp", json=CALL, headers=agent)
            waits = re.compile(r'trinax_model_waiting{model="endless"} [1-9]')
            with client(served) as other:
                until(lambda: bool(waits.search(other.get("/metrics").text)))
            served.process.send_signal(signal.SIGTERM)
            answer = called.result(timeout=20).text
        _, complaint = served.process.communicate(timeout=20)
    (line,) = re.findall(r"^data: (.+)$", answer, re.MULTILINE)
    assert "The call was broken off" in json.loads(line)["error"]["message"]
    assert "Traceback" not in complaint


def test_a_listening_agent_keeps_no_server_from_stopping(tmp_path: Path) -> None:
    with settled(tmp_path, "[server]\ngrace_s = 60.0\n") as served, client(served) as http:
        with http.stream("GET", "/mcp", headers=session(http)) as listening:
            assert listening.status_code == 200
            served.process.send_signal(signal.SIGTERM)
            assert list(listening.iter_bytes()) == []  # closed in order: it raises otherwise
        _, complaint = served.process.communicate(timeout=20)
    assert complaint == ""


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Served]:
    """A server with a plans.toml, whose log is read by lines."""
    (tmp_path / "plans.toml").write_text("[trial]\ninput_characters = 10\n")
    with settled(tmp_path, "[logs]\nformat = 'json'\n") as served:
        yield served


def asked(served: Served, secret: str) -> int:
    body = {"messages": [{"role": "user", "content": "Is the kettle hot?"}]}
    with client(served) as http:
        headers = {"authorization": f"Bearer {secret}"}
        return http.post("/v1/chat/completions", json=body, headers=headers).status_code


def hung_up(served: Served) -> list[dict[str, str]]:
    """What the log says of a SIGHUP."""
    assert served.process.stderr
    served.process.send_signal(signal.SIGHUP)
    return [json.loads(served.process.stderr.readline())]


def test_plans_are_read_again_and_a_broken_file_changes_nothing(planned: Served) -> None:
    config = ["--config", str(planned.folder / "trinax.toml")]
    created = planned.run("keys", "create", "--name", "it", "--plan", "trial", "--json", *config)
    secret = json.loads(created.stdout)["key"]
    assert asked(planned, secret) == 413
    (planned.folder / "plans.toml").write_text("[trial]\ninput_characters = 1000\n")
    (line,) = hung_up(planned)
    assert (line["level"], line["logger"]) == ("info", "trinax.web.control")
    assert "trial" in line["message"]
    assert asked(planned, secret) == 200
    (planned.folder / "plans.toml").write_text("[trial]\ninput_characters = many\n")
    (line,) = hung_up(planned)
    assert line["level"] == "error"
    assert "plans.toml" in line["message"]
    assert asked(planned, secret) == 200
    with client(planned) as http:
        text = http.get("/metrics").text
    assert 'trinax_reloads_total{outcome="done"} 1.0' in text
    assert 'trinax_reloads_total{outcome="failed"} 1.0' in text


def test_a_key_counts_without_a_signal(planned: Served) -> None:
    created = planned.run("keys", "create", "--name", "it", "--json")
    secret = json.loads(created.stdout)["key"]
    assert asked(planned, secret) == 200
    planned.run("keys", "revoke", "it")
    until(lambda: asked(planned, secret) == 401)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_a_server_stops_with_its_terminal(tmp_path: Path) -> None:
    (tmp_path / "collections").mkdir()
    command = [sys.executable, "-m", "trinax", "serve", "--port", "0", *places(tmp_path)]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        assert process.stdout
        assert re.search(r"http://\S+", process.stdout.readline())
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert process.poll() is None  # the terminal is there: it only read its files again
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=20)
    assert not (tmp_path / "var" / "server.json").exists()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
def test_a_supervisor_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind(str(tmp_path / "notify"))
        there.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with settled(tmp_path, "") as served:
            assert there.recv(100) == b"READY=1"
            served.process.send_signal(signal.SIGHUP)
            assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d+", there.recv(100))
            assert there.recv(100) == b"READY=1"


def test_a_supervisor_that_is_gone_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    with settled(tmp_path, "") as served, client(served) as http:
        assert http.get("/ready").json() == {"ready": True}
