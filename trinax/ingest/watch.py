"""File events of folders: the only place that knows watchdog."""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

log = logging.getLogger(__name__)

# Not the events of reading, which indexing itself causes.
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]


class Watcher:
    """Tells of changes below some folders. Events are hints: some may be missing or late.

    sink: gets the absolute path of whatever was created, changed, moved or deleted, in a thread
    of watchdog's; it must be quick.
    """

    def __init__(self, sink: Callable[[str], None]) -> None:
        self._handler = _Handler(sink)
        self._lock = threading.Lock()
        self._watches: dict[Path, ObservedWatch] = {}
        # What moves into a folder made just now is seen twice, which watchdog only tells.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        self._observer = Observer()
        self._observer.start()

    def follow(self, folders: Iterable[Path]) -> None:
        """Watch exactly these folders with all below them; missing ones are left for next time.

        Blocks while a large folder is walked.
        """
        wanted = {folder for folder in folders if folder.is_dir()}
        with self._lock:
            # The thread of a folder that was deleted has ended, even if the folder is back.
            alive = {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}
            for folder, watch in list(self._watches.items()):
                if folder not in wanted or watch not in alive:
                    del self._watches[folder]
                    self._observer.unschedule(watch)
            for folder in wanted - self._watches.keys():
                try:
                    self._watches[folder] = self._observer.schedule(
                        self._handler, str(folder), recursive=True, event_filter=EVENTS
                    )
                except OSError as exc:
                    log.warning("%s gives no events (%s): periodic scans only.", folder, exc)

    def close(self) -> None:
        """Return once watchdog's threads have ended."""
        with self._lock:
            self._observer.stop()
            self._observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, sink: Callable[[str], None]) -> None:
        self._sink = sink

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._sink(os.fsdecode(path))
