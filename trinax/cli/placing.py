"""Whether a file or folder is indexed, and if not, why."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio

from trinax.cli.checks import Check
from trinax.cli.client import connect
from trinax.settings import Settings


def places(settings: Settings, path: Path) -> list[dict[str, Any]]:
    """The places that GET /v1/whereabouts gives for an absolute path."""
    return anyio.run(_places, settings, path)


def told(path: Path, places: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As checks of the doctor. places: as places() gives them for the path."""
    return [asdict(_told(path, place)) for place in places]


async def _places(settings: Settings, path: Path) -> list[dict[str, Any]]:
    async with connect(settings) as client:
        answer = await client.get("/v1/whereabouts", path=str(path))
        return list(answer["places"])


def _told(path: Path, place: Mapping[str, Any]) -> Check:
    if place["state"] == "outside":
        folder = path if path.is_dir() else path.parent
        advice = "" if place["reason"] else f"add its folder with: trinax index {folder}"
        why = f": {place['reason']}" if place["reason"] else ""
        return Check("nowhere", "warn", f"{path} is in no collection{why}", advice)
    return Check(
        place["collection"],
        "ok" if place["state"] == "indexed" else "warn",
        f"{place['file'] or 'all of it'}: {_state(place)}",
    )


def _state(place: Mapping[str, Any]) -> str:
    reason = place["reason"]
    if place["state"] == "indexed":
        return "; ".join(filter(None, (_indexed(place), _rest(place), reason)))
    said = {
        "waiting": "waits to be indexed",
        "failed": "could not be read",
        "left_out": "left out",
        "gone": "not there",
    }[place["state"]]
    return "; ".join(filter(None, (f"{said}: {reason}" if reason else said, _rest(place))))


def _indexed(place: Mapping[str, Any]) -> str:
    files = place["files"]["indexed"]
    saved = time.strftime("%Y-%m-%d %H:%M", time.localtime(place["mtime"] or 0))
    count = f"{files} files indexed" if _is_folder(place) else "indexed"
    return f"{count}, {place['chunks']} chunks, last changed {saved}"


def _rest(place: Mapping[str, Any]) -> str:
    """Of a folder: what of it is not indexed."""
    if not _is_folder(place):
        return ""
    files = place["files"]
    said = {"waiting": "waiting", "failed": "not read", "skipped": "left out"}
    return ", ".join(f"{files[key]} {word}" for key, word in said.items() if files[key])


def _is_folder(place: Mapping[str, Any]) -> bool:
    return not place["file"] or bool(place["file"].endswith("/"))
