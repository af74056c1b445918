"""A real server whose collections appear and grow while it watches them."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from trinax.evaluation.serving import Server, ServerFailed, served

LIMIT_S = 600.0
LOOK_S = 0.01
RANKS = (50, 95, 99)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Folders:
    """stage: where files are made before they are moved into a collection, on the same file
    system, so that they appear all at once."""

    data: Path
    collections: Path
    stage: Path

    def move_in(self, staged: str, target: str) -> None:
        """target: "collection" or "collection/folder"."""
        place = self.collections / target
        place.parent.mkdir(exist_ok=True)
        os.rename(self.stage / staged, place)

    @contextmanager
    def served(self) -> Iterator[Server]:
        """trinax on these folders, ready."""
        with served(self.data, self.collections) as server:
            yield server


@contextmanager
def folders() -> Iterator[Folders]:
    """Empty ones, deleted at the end."""
    with TemporaryDirectory(prefix="trinax-ingestion-") as place:
        made = Folders(*(Path(place) / name for name in ("data", "collections", "stage")))
        made.collections.mkdir()
        made.stage.mkdir()
        yield made


@dataclass(frozen=True, slots=True)
class Whole:
    """What a collection's status says once it is up to date. bytes: None for any number."""

    files: int
    bytes: int | None = None

    def of(self, found: Figures | None) -> bool:
        if found is None or found["state"] != "idle" or found["queue"]["files"]:
            return False
        is_right = self.bytes is None or found["bytes"] == self.bytes
        return is_right and bool(found["files"]["total"] == self.files)


def settled(server: Server, collection: str, whole: Whole, look: Callable[[], object]) -> Figures:
    """The collection's status once it is whole.

    look: called between two looks at the status; it may wait. Raises TimeoutError, and
    ServerFailed if the collection cannot be brought up to date.
    """
    deadline_s = time.monotonic() + LIMIT_S
    while not whole.of(found := status(server, collection)):
        if found and found["state"] == "failed":
            raise ServerFailed(f"{collection}: {found['problem']}")
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{whole} of {collection}: not within {LIMIT_S:.0f} s")
        look()
    return found or {}


def pause() -> None:
    time.sleep(LOOK_S)


def status(server: Server, collection: str) -> Figures | None:
    """None before there is such a collection."""
    listed = server.json("GET", "/v1/collections")["collections"]
    return next((one for one in listed if one["id"] == collection), None)


def finds(server: Server, collection: str, word: str) -> bool:
    """Whether a search for a word has hits."""
    body = {"query": word, "collections": [collection], "limit": 1, "mode": "bm25"}
    return bool(server.json("POST", "/v1/search", body)["hits"])


def percentiles(taken_s: Sequence[float], ranks: Sequence[int] = RANKS) -> dict[str, float]:
    """In milliseconds, and the largest."""
    found = {f"p{rank}": float(np.percentile(taken_s, rank)) for rank in ranks}
    return {name: round(1000 * value, 2) for name, value in {**found, "max": max(taken_s)}.items()}


def seconds(work: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s
