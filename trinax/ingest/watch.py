"""File events of folders: the only place that knows watchdog."""

import errno
import logging
import os
import sys
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
from watchdog.observers.api import BaseObserver, ObservedWatch

if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchCallback,
        WatchDescriptor,
    )

log = logging.getLogger(__name__)

# Told in place of a path: events were lost, and anything may have changed.
LOST = ""

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

# What the kernel refuses for the lack of, and the setting that gives more of it (inotify(7)).
LIMITS = {errno.ENOSPC: "max_user_watches", errno.EMFILE: "max_user_instances"}


class Watcher:
    """Tells of changes below some folders. Events are hints: some may be missing or late.

    sink: gets the absolute path of whatever was created, changed, moved or deleted, or LOST, in a
    thread of watchdog's; it must be quick.
    """

    def __init__(self, sink: Callable[[str], None]) -> None:
        """Raises OSError where there can be no events at all."""
        self._handler = _Handler(sink)
        self._lock = threading.Lock()
        self._watches: dict[Path, ObservedWatch] = {}
        self._refused: dict[Path, str] = {}
        # Set once a folder below a watched one could not be watched.
        self._starved = threading.Event()
        # What moves into a folder made just now is seen twice, which watchdog only tells.
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        self._observer = _observer(sink, self._starved)
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
                    self._leave(folder)
            for folder in wanted - self._watches.keys():
                self._watch(folder)

    def follow_anew(self) -> None:
        """Try once more to watch what could not be; what changes meanwhile may give no event."""
        with self._lock:
            if self._starved.is_set():
                self._starved.clear()
                for folder in list(self._watches):
                    self._leave(folder)
                    self._watch(folder)

    def problem(self, folder: Path) -> str:
        """Why some changes below a followed folder give no event, as a clause; "" if all do."""
        if folder in self._refused:
            return self._refused[folder]
        return refusal(OSError(errno.ENOSPC, "")) if self._starved.is_set() else ""

    def close(self) -> None:
        """Return once watchdog's threads have ended."""
        with self._lock:
            self._observer.stop()
            self._observer.join()

    def _watch(self, folder: Path) -> None:
        try:
            self._watches[folder] = self._observer.schedule(
                self._handler, str(folder), recursive=True, event_filter=EVENTS
            )
            self._refused.pop(folder, None)
        except OSError as exc:
            if folder not in self._refused:
                log.warning("%s gives no events (%s): periodic scans only.", folder, exc)
            self._refused[folder] = refusal(exc)

    def _leave(self, folder: Path) -> None:
        self._observer.unschedule(self._watches.pop(folder))


def refusal(exc: OSError) -> str:
    """Why there are no events, and what to do about it, as a clause."""
    if setting := LIMITS.get(exc.errno or 0):
        return f"the system gives no more file events; raise fs.inotify.{setting}"
    return f"the system gives no file events ({exc.strerror})"


class _Handler(FileSystemEventHandler):
    def __init__(self, sink: Callable[[str], None]) -> None:
        self._sink = sink

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._sink(os.fsdecode(path))


if sys.platform == "linux":

    class _Queue(InotifyFD):
        """The kernel's queue; watchdog keeps to itself that it ran over, and that a folder below
        a watched one cannot be watched."""

        def __init__(self, sink: Callable[[str], None], starved: threading.Event) -> None:
            super().__init__()
            self._sink = sink
            self._starved = starved
            self._told = False

        def handle_event(self, event: InotifyEvent) -> None:
            super().handle_event(event)
            if event.is_queue_overflow:
                self._sink(LOST)

        def add_callback(
            self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
        ) -> WatchDescriptor:
            try:
                return super().add_callback(path, mask, callback, id_)
            except OSError as exc:
                if exc.errno == errno.ENOSPC:
                    self._starved.set()
                    if not self._told:
                        self._told = True
                        log.warning("%s: %s.", os.fsdecode(path), refusal(exc))
                raise

    class _Inotify(BaseObserver):
        """As watchdog's own, but for the queue."""

        def __init__(self, queue: _Queue) -> None:
            super().__init__(InotifyEmitter, inotify_fd=queue)
            self._queue = queue
            queue.start()

        def on_thread_stop(self) -> None:
            super().on_thread_stop()
            self._queue.stop()
            self._queue.join()

    def _observer(sink: Callable[[str], None], starved: threading.Event) -> BaseObserver:
        return _Inotify(_Queue(sink, starved))

else:

    def _observer(sink: Callable[[str], None], starved: threading.Event) -> BaseObserver:
        return Observer()
