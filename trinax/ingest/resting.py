"""When indexing rests: collections that someone paused, and the quiet hours of the day."""

import json
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

log = logging.getLogger(__name__)

PAUSED = "paused by request"
ELSEWHERE = "another server indexes it, and this one reads it (ingest.enabled)"


@dataclass(frozen=True, slots=True)
class Span:
    """Of each day, in local time; one that ends before it begins lasts over midnight."""

    begin: time
    end: time

    def holds(self, now: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


def span(text: str) -> Span:
    """text: as "09:00-17:00"."""
    begin, end = map(time.fromisoformat, text.split("-"))
    return Span(begin, end)


class Resting:
    """Safe to call from any thread. The paused ids are kept in a file."""

    def __init__(self, file: Path, quiet_hours: Sequence[str]) -> None:
        self._file = file
        self._spans = tuple(map(span, quiet_hours))
        self._lock = threading.Lock()
        self._paused = _read(file)

    def pause(self, collection: str) -> None:
        """Raises OSError if it cannot be remembered."""
        with self._lock:
            self._keep(self._paused | {collection})

    def resume(self, collection: str) -> None:
        """Raises OSError if it cannot be remembered."""
        with self._lock:
            self._keep(self._paused - {collection})

    def rename(self, old: str, new: str) -> None:
        """Raises OSError if it cannot be remembered."""
        with self._lock:
            if old in self._paused:
                self._keep(self._paused - {old} | {new})

    def paused(self, collection: str) -> bool:
        return collection in self._paused

    def quiet(self, now: datetime) -> str:
        """Until when ("17:00") indexing rests; "" if it does not. now: local time."""
        ends = [span.end for span in self._spans if span.holds(now.time())]
        return f"{ends[0]:%H:%M}" if ends else ""

    def reason(self, collection: str, quiet_until: str) -> str:
        """Why the collection is not indexed now; "" if it is. quiet_until: as quiet() gives it."""
        if self.paused(collection):
            return PAUSED
        return f"quiet hours until {quiet_until} (ingest.quiet_hours)" if quiet_until else ""

    def _keep(self, paused: frozenset[str]) -> None:
        if paused == self._paused:
            return
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(sorted(paused)), "utf-8")
        os.replace(new, self._file)
        self._paused = paused


def _read(file: Path) -> frozenset[str]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError) as exc:
        log.warning("Which collections are paused is not known any more (%s).", exc)
        return frozenset()
    return frozenset(id for id in kept if isinstance(id, str))
