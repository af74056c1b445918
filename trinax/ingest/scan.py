"""What a root holds at this moment: files to index, and what is left out and why."""

import errno
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from trinax.documents.opening import Place, entered, is_file, opened
from trinax.ingest import rules
from trinax.ingest.ignore import Ignore, judged, parsed
from trinax.ingest.records import LISTED, Failure

IGNORE_FILE_LIMIT_BYTES = 1_000_000
# Two changes may have the same time: within a tick of the kernel's clock (10 ms at most), or of a
# file system that keeps whole seconds (FAT: two).
TICK_NS = 50_000_000
COARSE_TICK_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Root:
    """A folder whose files belong to a collection as prefix + path below the folder.

    key: what Row.root says of its files: "" for the collection's own folder.
    """

    folder: Path
    prefix: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """file: in its collection, with "/" between parts. ctime_ns: its last change of any kind, which
    no program can set; 0 if that is so short ago that the next one could have the same time."""

    file: str
    place: Place
    size_bytes: int
    mtime_ns: int
    ctime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """files: by name in the collection. skipped: how many files were left out by rule.

    left_out: these and the folders that were not entered, with the reasons, at most LISTED.
    missed: how many of left_out, the first ones, a person may look for in vain.
    failed: folders that could not be listed ("docs/") and files without a stat.
    pruned: absolute folders that were not entered.
    """

    files: dict[str, Found] = field(default_factory=dict)
    skipped: int = 0
    left_out: tuple[Failure, ...] = ()
    missed: int = 0
    failed: tuple[Failure, ...] = ()
    pruned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """excluded: absolute folders never entered, as trinax's own data folder."""

    file_limit_bytes: int
    excluded: frozenset[str] = frozenset()


def scan(root: Root, limits: Limits, only: frozenset[str] | None = None) -> Scan:
    """Walk a root without following links.

    only: files and folders below the root that are looked at, with what is in these folders; None:
    all. Raises OSError if the root itself cannot be listed, or is gone by the end: then nothing is
    known about its files.
    """
    walk = _Walk(root, limits, only)
    walk.enter("", ())
    while walk.folders:
        folder, ignores = walk.folders.pop()
        try:
            walk.enter(folder, ignores)
        except FileNotFoundError:
            continue  # deleted since its parent was listed
        except OSError as exc:
            walk.fail(folder, f"the folder cannot be listed ({exc.strerror})")
    os.stat(root.folder)
    return walk.result()


def shown(name: str) -> str:
    """A name that may hold undecodable bytes, as text that can be printed and stored."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class _Walk:
    """The state of one scan; paths are relative to the root, folders end in "/" (the root: "")."""

    def __init__(self, root: Root, limits: Limits, only: frozenset[str] | None) -> None:
        self.folders: list[tuple[str, tuple[Ignore, ...]]] = []
        self._root = root.folder
        self._prefix = root.prefix
        self._limits = limits
        self._only = only
        self._above = frozenset(part for path in only or () for part in _parents(path))
        self._began_ns = time.time_ns()
        self._files: dict[str, Found] = {}
        self._skipped = 0
        self._missed: list[Failure] = []
        self._others: list[Failure] = []
        self._failed: list[Failure] = []
        self._pruned: set[str] = set()

    def enter(self, folder: str, ignores: tuple[Ignore, ...]) -> None:
        # By descriptors: a path could lead elsewhere by the time that an entry is looked at.
        with entered(self._root, folder) as descriptor, os.scandir(descriptor) as listing:
            self._see(sorted(listing, key=lambda entry: entry.name), folder, ignores)

    def _see(
        self, entries: list[os.DirEntry[str]], folder: str, ignores: tuple[Ignore, ...]
    ) -> None:
        names = {entry.name for entry in entries}
        if folder and (marks := names & rules.FOLDER_MARKS.keys()):
            self._pruned.add(self._path(folder))
            self._list(folder, rules.FOLDER_MARKS[min(marks)], self._missed)
            return
        links = {entry.name for entry in entries if entry.is_symlink()}
        ignores += _ignores(names, links, Place(self._root, folder))
        for entry in self._wanted(entries, folder):
            try:
                entry.name.encode()
            except UnicodeEncodeError:
                self._skip(folder + shown(entry.name), "its name is not valid UTF-8", missed=True)
                continue
            if entry.is_dir(follow_symlinks=False):
                self._see_folder(entry, folder, ignores)
            else:
                self._see_file(entry, folder, ignores)

    def _wanted(self, entries: list[os.DirEntry[str]], folder: str) -> list[os.DirEntry[str]]:
        only = self._only
        if only is None or not only.isdisjoint(_parents(folder)):
            return entries
        wanted = only | self._above
        return [entry for entry in entries if folder + entry.name in wanted]

    def fail(self, file: str, reason: str) -> None:
        self._failed.append(Failure(self._prefix + file, reason))

    def result(self) -> Scan:
        return Scan(
            self._files,
            self._skipped,
            tuple((self._missed + self._others)[:LISTED]),
            len(self._missed),
            tuple(self._failed),
            frozenset(self._pruned),
        )

    def _see_folder(
        self, entry: os.DirEntry[str], folder: str, ignores: tuple[Ignore, ...]
    ) -> None:
        inner = f"{folder}{entry.name}/"
        path = self._path(inner)
        generated = rules.generated_folder(entry.name)
        reason = self._closed(entry.name, path) or _left_out(inner, generated, ignores)
        if reason:
            self._pruned.add(path)
            self._list(inner, reason, self._missed if reason == generated else self._others)
        else:
            self.folders.append((inner, ignores))

    def _closed(self, name: str, path: str) -> str:
        if rules.hidden(name):
            return rules.HIDDEN
        return "of trinax itself" if path in self._limits.excluded else ""

    def _see_file(self, entry: os.DirEntry[str], folder: str, ignores: tuple[Ignore, ...]) -> None:
        file = folder + entry.name
        if entry.is_symlink():
            hidden = rules.hidden(entry.name)
            self._skip(file, rules.HIDDEN if hidden else "a link", missed=not hidden)
        elif not entry.is_file(follow_symlinks=False):
            self._skip(file, "not a regular file", missed=True)
        elif reason := rules.forbidden(entry.name):
            self._skip(file, reason, missed=reason.startswith(rules.BINARY))
        elif reason := _left_out(file, rules.generated_file(entry.name), ignores):
            self._skip(file, reason)
        else:
            self._measure(entry, file)

    def _measure(self, entry: os.DirEntry[str], file: str) -> None:
        try:
            stat = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return  # deleted since its folder was listed
        except OSError as exc:
            self.fail(file, f"it cannot be read ({exc.strerror})")
            return
        limit_bytes = self._limits.file_limit_bytes
        if stat.st_size > limit_bytes:
            self._skip(file, f"larger than {limit_bytes} bytes ({stat.st_size})", missed=True)
            return
        name = self._prefix + file
        self._files[name] = Found(
            name,
            Place(self._root, file),
            stat.st_size,
            stat.st_mtime_ns,
            0 if _is_racy(stat.st_ctime_ns, self._began_ns) else stat.st_ctime_ns,
        )

    def _path(self, folder: str) -> str:
        return os.path.join(self._root, folder.rstrip("/"))

    def _skip(self, file: str, reason: str, missed: bool = False) -> None:
        self._skipped += 1
        self._list(file, reason, self._missed if missed else self._others)

    def _list(self, file: str, reason: str, listed: list[Failure]) -> None:
        if len(listed) < LISTED:
            listed.append(Failure(self._prefix + file, reason))


def _is_racy(ctime_ns: int, now_ns: int) -> bool:
    tick_ns = COARSE_TICK_NS if ctime_ns % 1_000_000_000 == 0 else TICK_NS
    # Beyond that a clock has been set back, and what it says of the file is as good as any name.
    return -COARSE_TICK_NS < now_ns - ctime_ns < tick_ns


def _parents(path: str) -> list[str]:
    """The folders on the way to a file, outermost first; those of "docs/" are "docs" alone."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _left_out(path: str, generated: str, ignores: tuple[Ignore, ...]) -> str:
    verdict, source = judged(path, ignores)
    if verdict is None:
        return generated
    return f"ignored by {source}" if verdict else ""


def _ignores(names: set[str], links: set[str], folder: Place) -> tuple[Ignore, ...]:
    """Raises OSError if an ignore file cannot be read: better no files than private ones."""
    present = [name for name in rules.IGNORE_FILES if name in names]
    if linked := links.intersection(present):
        raise OSError(errno.ELOOP, f"its {min(linked)} is a link, which is not followed")
    read = (
        parsed(_text(Place(folder.folder, folder.path + name)), name, folder.path)
        for name in present
    )
    return tuple(ignore for ignore in read if ignore is not None)


def _text(place: Place) -> str:
    if not is_file(place):
        return ""  # a folder or a device of that name holds no rules
    with opened(place) as file:
        return file.read(IGNORE_FILE_LIMIT_BYTES).decode("utf-8-sig", "surrogateescape")
