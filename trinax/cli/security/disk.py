"""Who else on this machine may read what trinax reads and writes."""

import os
from collections.abc import Iterator
from pathlib import Path

from trinax.access.modes import open_to
from trinax.cli.checks import Check, Level
from trinax.settings import Settings

# As `trinax` finds it by itself; one of another name is its reader's own to look after.
CONFIGURATION = "trinax.toml"


def disk(settings: Settings) -> Iterator[Check]:
    yield _user()
    yield _data_folder(settings.data_dir)
    for key, file in _secrets(settings):
        if who := open_to(file):
            yield Check(key, "fail", f"{who} may read {file}", f"chmod 600 {file}")
    yield from _collections(settings)
    yield _audit(settings)


def _user() -> Check:
    if os.geteuid() == 0:
        advice = "run it as a user of its own, who may read the collections and nothing else"
        return Check("user", "warn", "root: a fault in trinax is a fault of all", advice)
    return Check("user", "ok", "not root")


def _data_folder(folder: Path) -> Check:
    if not folder.exists():
        return Check("data folder", "ok", f"{folder}: it will be made for its owner alone")
    who = open_to(folder)
    if not who:
        return Check("data folder", "ok", f"{folder} is its owner's alone")
    advice = f"chmod 700 {folder}, or start the server, which does it"
    return Check("data folder", "fail", f"{who} may read the index in {folder}", advice)


def _secrets(settings: Settings) -> Iterator[tuple[str, Path]]:
    named = {
        "server.tls_key": settings.server.tls_key,
        "access.admin_token_file": settings.access.admin_token_file,
        "web.key_file": settings.web.key_file,
        "index.api_key_file": settings.index.api_key_file,
        **{
            f"upstreams.{name}.key_file": each.key_file for name, each in settings.upstreams.items()
        },
    }
    yield from ((key, settings.base / file) for key, file in named.items() if file)
    configuration = settings.base / CONFIGURATION
    if _holds_secret(configuration, settings):
        yield CONFIGURATION, configuration


def _holds_secret(file: Path, settings: Settings) -> bool:
    keys = [upstream.key for upstream in settings.upstreams.values()]
    secrets = [settings.access.admin_token, settings.web.key, settings.index.api_key, *keys]
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(secret in text for secret in secrets if secret)


def _collections(settings: Settings) -> Iterator[Check]:
    for id, outside in sorted(settings.roots.items()):
        yield from (_root(id, settings.base / folder) for folder in outside)
    own = settings.collections_dir
    if own.is_dir():
        folders = sorted(path for path in own.iterdir() if path.is_dir())
        yield from (_root(folder.name, folder) for folder in folders)


def _root(id: str, folder: Path) -> Check:
    name, real = f"collection {id}", Path(os.path.realpath(folder))
    if real in (Path("/"), Path.home()):
        advice = "name the folders in it that are meant"
        return Check(name, "fail", f"{folder} holds far more than documents", advice)
    who = open_to(folder)
    message = f"{folder} may be read on this machine by {who or 'its owner alone'}"
    return Check(name, "ok", message)


def _audit(settings: Settings) -> Check:
    kept = settings.audit.files * settings.audit.file_limit_bytes // 1_000_000
    said = {
        "guarded": f"refusals, and all requests beyond chat and search; up to {kept} MB",
        "all": f"all requests; up to {kept} MB",
        "off": "off: nothing tells who did what",
    }
    level: Level = "warn" if settings.audit.requests == "off" else "ok"
    advice = 'set audit.requests = "guarded"' if level == "warn" else ""
    return Check("audit log", level, said[settings.audit.requests], advice)
