"""What a backup says of itself: first what it is, last what is in it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trinax.errors import BadBackup

# Raised when what stands in a backup changes meaning.
FORMAT = 1
HEAD = "trinax-backup.json"
END = "trinax-backup-end.json"


@dataclass(frozen=True, slots=True)
class Head:
    """trinax: version of what wrote it. created: ISO 8601 in UTC. collections: ids, as far as they
    were known. versions: of the index and of each database, by name. embedder: id of the model that
    the settings name. models: id → bytes of those that were installed, which are not in it."""

    format: int
    trinax: str
    created: str
    collections: tuple[str, ...]
    versions: Mapping[str, int]
    embedder: str
    models: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """digest: blake2b of what stands in the archive for it, in hexadecimal."""

    name: str
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Index:
    """embedder: fingerprint of what made the vectors; "" where they are on another server."""

    collection: str
    embedder: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """reason: a clause."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """indexes: those that belong together; of a collection that was removed meanwhile there may be
    more parts. folders: the collections' own, with documents or without."""

    parts: tuple[Part, ...]
    indexes: tuple[Index, ...]
    folders: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def written(record: Head | End) -> bytes:
    return json.dumps(asdict(record), ensure_ascii=False, indent=1).encode()


def head(content: bytes) -> Head:
    """Raises BadBackup."""
    given = _object(content, HEAD)
    try:
        return Head(
            format=int(given["format"]),
            trinax=str(given["trinax"]),
            created=str(given["created"]),
            collections=tuple(map(str, given["collections"])),
            versions={str(name): int(version) for name, version in given["versions"].items()},
            embedder=str(given["embedder"]),
            models={str(id): int(size) for id, size in given["models"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise BadBackup(f"{HEAD} cannot be read") from exc


def end(content: bytes) -> End:
    """Raises BadBackup."""
    given = _object(content, END)
    try:
        return End(
            parts=tuple(Part(**one) for one in given["parts"]),
            indexes=tuple(Index(**one) for one in given["indexes"]),
            folders=tuple(map(str, given["folders"])),
            left_out=tuple(LeftOut(**one) for one in given["left_out"]),
        )
    except (KeyError, TypeError) as exc:
        raise BadBackup(f"{END} cannot be read") from exc


def _object(content: bytes, name: str) -> Mapping[str, Any]:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise BadBackup(f"{name} cannot be read") from exc
    if not isinstance(given, dict):
        raise BadBackup(f"{name} cannot be read")
    return given
