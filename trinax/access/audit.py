"""Who did what: one line of JSON for a request, in files of the data folder. Never what was asked,
found or answered."""

import json
import logging
import os
import queue
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from trinax.settings import Audit

log = logging.getLogger(__name__)

FILE = "audit.jsonl"
# Lines that wait for the disk: more are dropped and counted, as no request waits for it.
WAITING = 10_000
BATCH = 500
# The last lines have so long at shutdown.
CLOSING_S = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """One request.

    at: when it came, ISO 8601 in UTC. key, name: of the API key, "" without one; the admin token's
    name is "admin". place, address: where it came from. operation, method, route: the route's id
    and template, "" where there is none. collections: ids that it named. status: None where no
    answer was sent.
    """

    at: str
    request: str
    key: str
    name: str
    place: str
    address: str
    operation: str
    method: str
    route: str
    collections: tuple[str, ...]
    status: int | None
    duration_ms: int


class AuditLog:
    """Written by a thread of its own; a context manager."""

    def __init__(self, path: Path, settings: Audit, waiting: int = WAITING) -> None:
        self._files = _Files(path, settings)
        self._queue: queue.Queue[Event | None] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="audit log", daemon=True)
        self._dropped = 0
        self._open = False

    def __enter__(self) -> Self:
        self._open = True
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Returns once what was noted is in the file, or after CLOSING_S."""
        with self._lock:
            self._open = False
        with suppress(queue.Full):
            self._queue.put(None, timeout=CLOSING_S)
        self._thread.join(CLOSING_S)

    @property
    def dropped(self) -> int:
        """Events that are in no file, since the start."""
        return self._dropped

    def note(self, event: Event) -> None:
        """Never waits and never fails."""
        with self._lock:
            if not self._open:
                return
            try:
                self._queue.put_nowait(event)
            except queue.Full:
                self._dropped += 1

    def _run(self) -> None:
        told = 0
        ended = False
        while not ended:
            events = self._batch()
            ended = events[-1] is None
            lines = [json.dumps(asdict(event)) for event in events if event is not None]
            noted = len(lines)
            if (dropped := self._dropped) > told:
                lines.append(json.dumps({"dropped": dropped - told}))
            if self._write(lines):
                told = dropped
            else:
                with self._lock:
                    self._dropped += noted
        self._files.close()

    def _batch(self) -> list[Event | None]:
        """What waits, one at least; None is the last of all."""
        events = [self._queue.get()]
        while events[-1] is not None and len(events) < BATCH:
            try:
                events.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return events

    def _write(self, lines: list[str]) -> bool:
        try:
            self._files.write(lines)
        except OSError as exc:
            log.warning("The audit log cannot be written: %s.", exc.strerror)
            return False
        return True


class _Files:
    """audit.jsonl, and before it audit.1.jsonl and so on, the oldest last; their owner's alone."""

    def __init__(self, path: Path, settings: Audit) -> None:
        self._path = path
        self._settings = settings
        self._descriptor: int | None = None

    def write(self, lines: list[str]) -> None:
        """Raises OSError."""
        for line in lines:
            content = f"{line}\n".encode()
            if self._size() + len(content) > self._settings.file_limit_bytes:
                self._rotate()
            os.write(self._opened(), content)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._path, flags, 0o600)
            os.fchmod(self._descriptor, 0o600)
        return self._descriptor

    def _size(self) -> int:
        return os.fstat(self._opened()).st_size

    def _rotate(self) -> None:
        self.close()
        kept = [self._path, *map(self._older, range(1, self._settings.files))]
        kept[-1].unlink(missing_ok=True)
        for newer, older in reversed([*pairwise(kept)]):
            if newer.exists():
                newer.rename(older)

    def _older(self, n: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{n}{self._path.suffix}")
