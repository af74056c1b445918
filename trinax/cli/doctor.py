"""What trinax needs, checked one by one."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import anyio

import trinax
from trinax.cli.address import listen
from trinax.cli.checks import Check
from trinax.cli.client import answering, connect
from trinax.cli.installed import missing, models
from trinax.cli.running import Refused, Running
from trinax.cli.surroundings import holder, surroundings
from trinax.configuration import GIGABYTE
from trinax.errors import StartupError, StoreLocked, TrinaxError
from trinax.index.ledger import SCHEMA as LEDGER
from trinax.index.ledger import added_roots
from trinax.index.places import CORRUPT
from trinax.ingest.folders import listing
from trinax.llama.machine import machine_bytes
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.catalogue.memory import models_bytes
from trinax.models.catalogue.roles import refused
from trinax.settings import Settings

OLDEST_PYTHON = (3, 11)
QUESTION = "Does everything work?"
COMPILERS = ("c++", "g++", "clang++", "cl")
# Whether this is a working copy, which has a Makefile, or was installed as a package.
CHECKOUT = Path(trinax.__file__).parents[1].joinpath("Makefile").is_file()
REINSTALL = f"{sys.executable} -m pip install --force-reinstall --no-deps --no-cache-dir {{}}"


def misconfigured(error: StartupError) -> list[dict[str, Any]]:
    """All that can be said where the settings cannot be read."""
    advice = "put it right; trinax settings prints every setting with its default"
    return [asdict(Check("configuration", "fail", str(error), advice))]


def checks(settings: Settings, config: Path | None) -> list[dict[str, Any]]:
    """In the order in which problems are best solved. config: the file that the settings are of."""
    running = anyio.run(answering, settings)
    found = [
        _python(),
        _packages(metadata.requires("trinax") or ()),
        _llama(),
        Check("configuration", "ok", str(config or f"defaults; no trinax.toml in {Path.cwd()}")),
        _data_folder(settings.data_dir),
        *_set_aside(settings.data_dir),
        _owner(settings, running),
        _collections_folder(settings.collections_dir),
        *_roots(settings),
        *surroundings(settings, _watched(settings)),
        *anyio.run(_notices, settings, running),
        *_models(settings),
        *_upstreams(settings),
        _address(settings, running),
    ]
    return [asdict(check) for check in found]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Check("Python", "fail", version, "install Python 3.11 or newer and run make again")
    return Check("Python", "ok", version)


def _packages(requirements: Iterable[str]) -> Check:
    names = [
        re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        for requirement in requirements
        if "extra ==" not in requirement
    ]
    missing = [name for name in names if not _is_installed(name)]
    if missing:
        advice = "install them with: "
        advice += "make run" if CHECKOUT else REINSTALL.format(" ".join(missing))
        return Check("packages", "fail", f"missing: {', '.join(missing)}", advice)
    return Check("packages", "ok", f"all {len(names)} are installed")


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _llama() -> Check:
    try:
        version = import_module("llama_cpp").__version__
    except (ImportError, OSError, RuntimeError) as exc:
        return Check("llama.cpp", "fail", f"it cannot be loaded ({exc})", _compiled_anew())
    return Check("llama.cpp", "ok", f"llama-cpp-python {version}")


def _compiled_anew() -> str:
    again = "make clean run" if CHECKOUT else REINSTALL.format("llama-cpp-python")
    if not any(map(shutil.which, COMPILERS)):
        return f"install a C++ compiler (Debian: apt install build-essential), then: {again}"
    return f"compile it again: {again}"


def _data_folder(folder: Path) -> Check:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as exc:
        advice = "make it writable, or choose another with --data-dir"
        return Check("data folder", "fail", f"{existing}: {exc.strerror}", advice)
    state = "" if folder.exists() else "; it will be made"
    return Check("data folder", "ok", f"{folder} is writable{state}")


def _set_aside(folder: Path) -> Iterator[Check]:
    """What was found corrupt there, and was made anew."""
    found = (path for place in ("", "index/*/") for path in folder.glob(f"{place}*{CORRUPT}*"))
    for path in sorted(found):
        name = path.relative_to(folder)
        message = f"{name} was found corrupt; what it held was made anew from the files"
        advice = f"delete {path}"
        if path.name.startswith(LEDGER.file):
            message += ", but outside folders are forgotten"
            advice = f"add those again with: trinax index PATH; then {advice}"
        yield Check("data folder", "warn", message, advice)


def _owner(settings: Settings, running: Running | None) -> Check:
    """Who has the index open; nobody: whether it opens, embeds and finds."""
    if running is not None:
        return Check("index", "ok", f"served at {running.url} by process {running.pid}")
    if not settings.data_dir.exists():
        return Check("index", "ok", "none yet")
    try:
        collections, chunks = anyio.run(_tried, settings)
    except StoreLocked as exc:
        process = holder(settings.data_dir)
        who = f"process {process}" if process else "that process"
        return Check("index", "fail", str(exc), f"stop {who}, or wait until it answers")
    except TrinaxError as exc:
        return Check("index", "fail", str(exc))
    except ImportError as exc:  # a package is missing or does not fit this machine
        return Check("index", "fail", f"it cannot be opened ({exc})", "see packages above")
    return Check("index", "ok", f"{collections} collections, {chunks} chunks, embedder works")


async def _tried(settings: Settings) -> tuple[int, int]:
    from trinax.app import open_parts
    from trinax.retrieval.records import Query

    async with open_parts(settings) as parts:
        await parts.retriever.search(Query(QUESTION, mode="dense"))
        stores = parts.registry.select()
        return len(stores), sum(store.count() for _, store in stores)


def _collections_folder(folder: Path) -> Check:
    if not folder.is_dir():
        advice = "make it, or name another with --collections-dir"
        return Check("collections", "warn", f"{folder} is not there", advice)
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    names = [name for name in names if not name.startswith(".")]
    if not names:
        advice = "put a folder with documents into it, or run: trinax index PATH"
        return Check("collections", "warn", f"{folder} holds no folder", advice)
    return Check("collections", "ok", f"{folder}: {', '.join(names)}")


def _roots(settings: Settings) -> Iterator[Check]:
    for folder in (folder for folders in settings.roots.values() for folder in folders):
        path = settings.base / folder
        if not path.is_dir() or not os.access(path, os.R_OK):
            advice = "make it readable, or take it out of [roots] in the configuration"
            yield Check("collections", "fail", f"{path} cannot be read", advice)


def _watched(settings: Settings) -> list[Path]:
    added = added_roots(settings.data_dir / LEDGER.file).values()
    return [
        *listing(settings.collections_dir).folders.values(),
        *(settings.base / folder for folders in settings.roots.values() for folder in folders),
        *(folder for folders in added for folder in folders),
    ]


async def _notices(settings: Settings, running: Running | None) -> list[Check]:
    """What a server that runs says of its collections."""
    if running is None:
        return []
    try:
        async with connect(settings) as client:
            rows = (await client.get("/v1/collections"))["collections"]
    except Refused as exc:
        return [Check("collections", "warn", f"what the server says of them is unknown: {exc}")]
    return [
        Check("collections", "warn" if row["state"] != "failed" else "fail", f"{row['id']}: {told}")
        for row in rows
        for told in (row["problem"], row["notice"])
        if told
    ]


def _models(settings: Settings) -> Iterator[Check]:
    rows = models(settings)
    writing = [row["id"] for row in rows if row["kind"] == "generate" and not row["problem"]]
    if writing:
        yield Check("models", "ok", f"{', '.join(writing)} in {settings.models_dir}")
    else:
        message = "no GGUF model; trinax-extract answers by quoting"
        advice = (
            "for answers in a model's own words: trinax models pull general, or put a GGUF file "
        )
        advice += f"into {settings.models_dir}"
        yield Check("models", "ok", message, advice)
    for row in rows:
        if row["problem"]:
            message = f"{row['id']}: {row['problem']}"
            yield Check("models", "warn", message, "download the file again, or remove it")
    infos = Catalogue(settings.models_dir).scan()
    for reason in refused(infos, settings.roles):
        yield Check("models", "warn", reason, "put it right in the configuration")
    yield _profile(settings)


def _upstreams(settings: Settings) -> Iterator[Check]:
    if not settings.upstreams:
        return
    from trinax.models.upstream.reaching import reached

    try:
        found = anyio.run(reached, settings)
    except TrinaxError as exc:
        yield Check("upstreams", "fail", str(exc), "put it right in the configuration")
        return
    for one in found:
        upstream = settings.upstreams[one.name]
        if one.problem:
            advice = f"see that it runs, and [upstreams.{one.name}] in the configuration"
            yield Check("upstreams", "warn", f"{one.problem} ({upstream.url})", advice)
        elif one.lacking:
            message = f"{one.name} does not list {', '.join(one.lacking)}"
            advice = f"see which it has at {upstream.url}/models, and upstreams.{one.name}.models"
            yield Check("upstreams", "warn", message, advice)
        else:
            yield Check("upstreams", "ok", f"{one.name} has {', '.join(upstream.models.values())}")


def _profile(settings: Settings) -> Check:
    memory = f"{machine_bytes() / GIGABYTE:.0f} GB of memory, of which models may take "
    memory += f"{models_bytes(settings.models) / GIGABYTE:.0f}"
    name, rows = missing(settings)
    if not rows:
        return Check("profile", "ok", f"{name}, {memory}; all that it recommends is there")
    roles = ", ".join(row["role"] for row in rows)
    advice = f"get what it recommends, one by one: trinax models pull {rows[0]['role']}"
    return Check("profile", "ok", f"{name}, {memory}; nothing of its choice for {roles}", advice)


def _address(settings: Settings, running: Running | None) -> Check:
    host, port = settings.server.host, settings.server.port
    if running is not None:
        return Check("address", "ok", f"{running.url} answers")
    try:
        listen(host, port).close()
    except TrinaxError as exc:
        return Check("address", "fail", str(exc))
    return Check("address", "ok", f"{host}:{port} is free")
