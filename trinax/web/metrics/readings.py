"""How the parts are now, as metrics."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, get_args

from trinax import __version__
from trinax.errors import (
    CollectionNotFound,
    HeadTooLarge,
    InvalidRequest,
    TooManyAtOnce,
    TooManyConnections,
    TrinaxError,
)
from trinax.index.registry import Registry
from trinax.index.upkeep import Upkeep
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import State, Status
from trinax.models.pool import Pool
from trinax.web.control import Control
from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Reading
from trinax.websearch.web import Web

log = logging.getLogger(__name__)

COLLECTIONS = 100
OTHERS = "(others)"
# How old the sizes on the disk may be: to look takes a moment for each file.
SIZES_S = 60.0
# What can be refused before there is a request.
REFUSALS = (
    *(TooManyConnections.code, TooManyAtOnce.code),
    *(HeadTooLarge.code, InvalidRequest.code),
)
CHANGES = ("added", "changed", "moved", "deleted", "failed")


class Remembering(Protocol):
    """What looks texts up before it embeds them."""

    @property
    def hits(self) -> int: ...

    @property
    def misses(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Observed:
    """The parts that tell how they are. remembering: None where texts are embedded as they come.
    index_dir: has a folder for each collection; None where a server keeps them. indexes: False
    where another server does, and this one reads."""

    ingest: Ingest
    pool: Pool
    registry: Registry
    upkeep: Upkeep
    web: Web | None
    remembering: Remembering | None
    data_dir: Path
    index_dir: Path | None
    indexes: bool = True


class Readings:
    """Callable from any thread; blocks for as long as the parts and the disk do."""

    def __init__(self, parts: Observed, limit: int = COLLECTIONS) -> None:
        """limit: collections that have metrics of their own, by id; those after them have theirs
        together."""
        self._parts = parts
        self._limit = limit
        self._sizes = _Sizes(parts.index_dir)

    def all(self, control: Control) -> Iterator[Reading]:
        """A group that cannot be read is left out, and named."""
        groups: Mapping[str, Callable[[], Iterator[Reading]]] = {
            "server": lambda: self._server(control),
            "models": self._models,
            "collections": self._collections,
            "indexes": self._indexes,
            "ingest": self._ingest,
            "upkeep": self._upkeep,
            "caches": self._caches,
            "disk": self._disk,
        }
        for name, group in groups.items():
            try:
                found = list(group())
            except (TrinaxError, OSError) as exc:
                log.warning("The metrics of %s could not be read: %s", name, exc)
                yield Reading(catalogue.UNREAD, 1, (name,))
                continue
            yield from found
            yield Reading(catalogue.UNREAD, 0, (name,))

    def _server(self, control: Control) -> Iterator[Reading]:
        stopping = control.stopping.begun
        yield Reading(catalogue.BUILD, 1, (__version__,))
        yield Reading(catalogue.READY, self._parts.ingest.ready and not stopping)
        yield Reading(catalogue.STOPPING, stopping)
        yield Reading(catalogue.IN_PROGRESS, len(control.stopping))
        for code in REFUSALS:
            yield Reading(catalogue.REFUSED, control.refused[code], (code,))
        for outcome in ("done", "failed"):
            yield Reading(catalogue.RELOADS, control.reloads[outcome], (outcome,))

    def _models(self) -> Iterator[Reading]:
        for load in self._parts.pool.loads():
            yield Reading(catalogue.RUNNING, load.running, (load.model,))
            yield Reading(catalogue.WAITING, load.waiting, (load.model,))
            yield Reading(catalogue.CAPACITY, load.capacity, (load.model,))
        for held in self._parts.pool.held():
            yield Reading(catalogue.MODEL_BYTES, held.memory_bytes, (held.info.id,))

    def _collections(self) -> Iterator[Reading]:
        statuses = self._parts.ingest.statuses()
        for each in statuses[: self._limit]:
            yield from self._of(each.id, [each])
        if others := statuses[self._limit :]:
            yield from self._of(OTHERS, others)

    def _of(self, name: str, statuses: Sequence[Status]) -> Iterator[Reading]:
        """Sums, but the longest lag."""
        age_s = self._parts.ingest.reconciler.lateness.age_s
        states = [each.state for each in statuses]
        for state in get_args(State):
            yield Reading(catalogue.STATE, states.count(state), (name, state))
        for outcome in ("indexed", "skipped", "failed"):
            files = sum(getattr(each, outcome) for each in statuses)
            yield Reading(catalogue.FILES, files, (name, outcome))
        yield Reading(catalogue.QUEUED, sum(each.queued for each in statuses), (name,))
        yield Reading(catalogue.CHUNKS, sum(each.chunks for each in statuses), (name,))
        yield Reading(catalogue.SOURCE_BYTES, sum(each.bytes for each in statuses), (name,))
        if self._parts.indexes:
            yield Reading(catalogue.LAG, max(age_s(each.id) for each in statuses), (name,))

    def _indexes(self) -> Iterator[Reading]:
        if self._parts.index_dir is None:  # the server that keeps them sees to them
            return
        ids, sizes = self._parts.registry.ids(), self._sizes.bytes()
        named = {id: [id] for id in ids[: self._limit]}
        if others := ids[self._limit :]:
            named[OTHERS] = others
        for name, some in named.items():
            yield Reading(catalogue.LOOSE, sum(map(self._loose, some)), (name,))
            yield Reading(catalogue.INDEX_BYTES, sum(sizes.get(id, 0) for id in some), (name,))

    def _loose(self, id: str) -> int:
        try:
            return self._parts.registry.get(id).loose()
        except CollectionNotFound:  # as it may be from one moment to the next
            return 0

    def _ingest(self) -> Iterator[Reading]:
        if not self._parts.indexes:
            return
        sums = self._parts.ingest.reconciler.totals.sums()
        for outcome in ("done", "stopped", "failed"):
            yield Reading(catalogue.RECONCILES, sums.runs[outcome], (outcome,))
        yield Reading(catalogue.RECONCILE_SECONDS, sums.seconds, count=sums.runs["done"])
        for change in CHANGES:
            yield Reading(catalogue.RECONCILED_FILES, sums.files[change], (change,))
        yield Reading(catalogue.EMBEDDED, sums.files["chunks_embedded"])

    def _upkeep(self) -> Iterator[Reading]:
        upkeep = self._parts.upkeep
        for outcome in ("done", "failed"):
            yield Reading(catalogue.COMPACTIONS, upkeep.outcomes[outcome], (outcome,))
        seconds, count = upkeep.seconds, upkeep.outcomes["done"]
        yield Reading(catalogue.COMPACTION_SECONDS, seconds, count=count)

    def _caches(self) -> Iterator[Reading]:
        """And what else is there only where it is configured."""
        if remembering := self._parts.remembering:
            yield Reading(catalogue.VECTOR_CACHE, remembering.hits, ("hit",))
            yield Reading(catalogue.VECTOR_CACHE, remembering.misses, ("miss",))
        if web := self._parts.web:
            for outcome in {"done", *web.outcomes.copy()}:
                yield Reading(catalogue.WEB_SEARCHES, web.outcomes[outcome], (outcome,))

    def _disk(self) -> Iterator[Reading]:
        yield Reading(catalogue.DISK_FREE, shutil.disk_usage(self._parts.data_dir).free)


class _Sizes:
    """What each folder of a folder takes on the disk, looked at now and then. Thread-safe."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._looked_s: float | None = None
        self._bytes: dict[str, int] = {}

    def bytes(self) -> Mapping[str, int]:
        with self._lock:
            now_s = time.monotonic()
            if self._folder and (self._looked_s is None or now_s - self._looked_s > SIZES_S):
                self._bytes = {
                    each.name: _taken(each) for each in self._folder.iterdir() if each.is_dir()
                }
                self._looked_s = now_s
            return self._bytes


def _taken(folder: Path) -> int:
    """By its blocks: the engine's files have holes."""
    total = 0
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except FileNotFoundError:  # of an index that is being made compact
            continue
        blocks: int | None = getattr(found, "st_blocks", None)
        total += found.st_size if blocks is None else blocks * 512
    return total
