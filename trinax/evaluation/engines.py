"""The servers that are compared: how each is started and spoken to."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trinax.errors import InvalidRequest
from trinax.evaluation.serving import HOST, PORT, Launch, Server, launched, trinax
from trinax.evaluation.streaming import CHAT

TRINAX = "trinax"
LLAMA_SERVER = "llama-server"
UNIFIED = "llama-server --kv-unified"
LLAMA_CPP_SERVER = "llama_cpp.server"
RAW = "raw llama_decode"

SLOTS = 8
SLOT_TOKENS = 4608  # of each slot of llama-server; the longest prompt of the bench and its answer
PROBE_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Peers:
    """Servers of others that are there to compare with.

    llama_server: the binary. llama_cpp_server: a Python that has llama_cpp.server. None leaves
    it out.
    """

    llama_server: Path | None = None
    llama_cpp_server: Path | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """extra: what its requests hold beside OpenAI's fields. batches: whether it writes several
    answers, or choices of one, at once. tasks: where less urgent work is asked for, if that is
    told apart. settings: a trinax.toml."""

    name: str
    command: tuple[str, ...]
    ready: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    batches: bool = True
    tasks: str = CHAT
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that is up. model: the id to ask for."""

    engine: Engine
    model: str
    server: Server


def found_peers(llama_server: str | None, llama_cpp_server: str | None) -> Peers:
    """Peers by path or by name on PATH; llama-server is taken from PATH if it is there.

    Raises InvalidRequest for what was named and cannot be used.
    """
    binary = shutil.which(llama_server or LLAMA_SERVER)
    if llama_server and not binary:
        raise InvalidRequest(f"{llama_server} is no program that can be run.", "--llama-server")
    python = shutil.which(llama_cpp_server) if llama_cpp_server else None
    if llama_cpp_server and not (python and _has_server(python)):
        reason = "is no Python with llama_cpp.server; pip install 'llama-cpp-python[server]' there."
        raise InvalidRequest(f"{llama_cpp_server} {reason}", "--llama-cpp-server")
    # Absolute, but not resolved: a virtual environment's Python is a link.
    return Peers(
        Path(binary).absolute() if binary else None, Path(python).absolute() if python else None
    )


def engines(model: Path, peers: Peers, threads: int) -> list[Engine]:
    """trinax first; all of them with the same model and number of threads."""
    found = [_trinax(model, threads)]
    if peers.llama_server:
        found += [_llama_server(peers.llama_server, model, threads, name=LLAMA_SERVER)]
        found += [_llama_server(peers.llama_server, model, threads, name=UNIFIED)]
    if peers.llama_cpp_server:
        found += [_llama_cpp_server(peers.llama_cpp_server, model, threads)]
    return found


@contextmanager
def started(every: list[Engine], model: Path, folder: Path) -> Iterator[list[Running]]:
    """All engines, ready, each in a folder of its own; ended when they are left."""
    with ExitStack() as stack:
        running = []
        for engine in every:
            place = folder / engine.name.replace(" ", "")
            (place / "collections").mkdir(parents=True)
            (place / "trinax.toml").write_text(engine.settings, "utf-8")
            launch = Launch(engine.command, engine.ready, place)
            server = stack.enter_context(launched(launch))
            running.append(Running(engine, model.stem, server))
        yield running


def usable_cpus() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _trinax(model: Path, threads: int) -> Engine:
    return Engine(
        TRINAX,
        tuple(trinax("--models-dir", str(model.parent))),
        "/ready",
        {"collections": [], "ignore_eos": True},
        tasks="/task/v1/chat/completions",
        settings=f"[models]\nthreads = {threads}\n",
    )


def _llama_server(binary: Path, model: Path, threads: int, name: str) -> Engine:
    command = [str(binary), "--model", str(model), "--host", HOST, "--port", PORT]
    command += ["--parallel", str(SLOTS), "--ctx-size", str(SLOTS * SLOT_TOKENS)]
    command += ["--threads", str(threads), "--alias", model.stem]
    if name == UNIFIED:
        command.append("--kv-unified")
    return Engine(name, tuple(command), "/health", {"ignore_eos": True})


def _llama_cpp_server(python: Path, model: Path, threads: int) -> Engine:
    options = {
        "model": model,
        "model_alias": model.stem,
        "host": HOST,
        "port": PORT,
        "n_ctx": 8192,
        "n_threads": threads,
        "n_threads_batch": threads,
        "logits_all": "false",  # by default it keeps 32 000 numbers for every token
        "interrupt_requests": "false",  # by default a second request ends the first
    }
    command = [str(python), "-m", "llama_cpp.server"]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return Engine(LLAMA_CPP_SERVER, tuple(command), "/v1/models", batches=False)


def _has_server(python: str) -> bool:
    probe = [python, "-c", "import llama_cpp.server.app"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=PROBE_LIMIT_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
