"""Which collections there are, and which folders each is made of."""

import os
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trinax.documents.opening import Place
from trinax.errors import CollectionNotFound, InvalidRequest, SourceNotFound
from trinax.index.ledger import Ledger
from trinax.index.registry import check, slug
from trinax.ingest import rules
from trinax.ingest.records import Failure
from trinax.ingest.scan import Root, shown

# Of a folder's name in a refusal; the system takes no longer ones.
NAME_CHARACTERS = 255
# Takes the folders of collections that were removed: what people wrote is not deleted.
REMOVED = ".removed"
# Stands for the id of a collection that nobody knows yet.
ANY = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """folders: id → its own folder, directly under the collections folder.
    refused: folders there that are no collection, and why."""

    folders: Mapping[str, Path]
    refused: tuple[Failure, ...]


def listing(collections_dir: Path) -> Listing:
    """The collections' own folders at this moment; none if the folder itself is missing.

    Of two folders with the same id the one whose name is the id wins, then the first by name.
    """
    try:
        with os.scandir(collections_dir) as entries:
            names = [(entry.name, entry.is_symlink()) for entry in entries if entry.is_dir()]
    except OSError:
        return Listing({}, ())
    folders: dict[str, Path] = {}
    refused: list[Failure] = []
    for name, link in sorted(names, key=lambda one: (one[0] != slug(one[0]), one[0])):
        if rules.hidden(name):
            continue
        if link:
            reason = "a link; add its target with `trinax index PATH --collection ID`"
            refused.append(Failure(shown(name), reason))
        elif taken := folders.get(slug(name)):
            reason = f"its id {slug(name)!r} is taken by {shown(taken.name)!r}; rename one"
            refused.append(Failure(shown(name), reason))
        else:
            folders[slug(name)] = collections_dir / name
    return Listing(folders, tuple(refused))


def roots(own: Path | None, added: Iterable[Path]) -> tuple[Root, ...]:
    """A collection's roots: its own folder, then the added ones by path.

    The files of the first have their path as name, those of the others the folder's name before
    it ("docs/", a second one "docs-2/").
    """
    found = [] if own is None else [Root(own)]
    prefixes = {""}
    for folder in sorted(set(added)):
        prefix = _free(folder.name, prefixes) if found else ""
        prefixes.add(prefix)
        found.append(Root(folder, prefix, str(folder)))
    return tuple(found)


def _existing(folder: Path) -> Path:
    """The folder without links on the way. Raises InvalidRequest if there is none."""
    try:
        real = Path(os.path.realpath(folder))
        if real.is_dir() and shown(str(real)) == str(real):
            return real
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        pass
    name = shown(folder.name[:NAME_CHARACTERS])
    raise InvalidRequest(f"{name!r} is no folder that can be read.", "path")


def _free(name: str, taken: set[str]) -> str:
    prefix, n = f"{name}/", 1
    while prefix in taken:
        n += 1
        prefix = f"{name}-{n}/"
    return prefix


class Folders:
    """The roots of every collection, as of the last refresh. Safe to call from any thread."""

    def __init__(
        self, collections_dir: Path, configured: Mapping[str, Iterable[Path]], ledger: Ledger
    ) -> None:
        """configured: id → outside folders that the settings name, absolute."""
        self._collections_dir = collections_dir
        self._configured = configured
        self._ledger = ledger
        self._lock = threading.Lock()
        self._roots: dict[str, tuple[Root, ...]] = {}
        self._listing = Listing({}, ())
        self._had_own: dict[str, bool] = {}

    @property
    def refused(self) -> tuple[Failure, ...]:
        """Folders directly under the collections folder that are no collection, and why."""
        return self._listing.refused

    def ids(self) -> list[str]:
        return sorted(self._roots)

    def roots(self, collection: str) -> tuple[Root, ...]:
        """Raises CollectionNotFound."""
        if collection not in self._roots:
            raise CollectionNotFound(collection)
        return self._roots[collection]

    def refresh(self, indexed: Iterable[str]) -> frozenset[str]:
        """Look again; gives the ids that are new or whose folders came, went or moved.

        indexed: ids that have a store. One whose own folder is gone keeps it as a root that
        cannot be read: its chunks stay until someone deletes the collection.
        """
        with self._lock:
            self._listing = listing(self._collections_dir)
            own = self._listing.folders
            ids = {*own, *self._configured, *self._ledger.collections(), *indexed}
            before = self._roots
            self._roots = {id: self._rooted(id, own.get(id)) for id in ids}
            return frozenset(
                id
                for id, roots in self._roots.items()
                if roots != before.get(id) or not all(root.folder.is_dir() for root in roots)
            )

    def add(self, collection: str, folder: Path) -> None:
        """Make an outside folder a root of the collection, now and after every start.

        Raises InvalidRequest if the id is no slug, the folder no folder, or one of them overlaps
        with a root that is not the same.
        """
        check(collection, "collection")
        folder = _existing(folder)
        for root in self._roots.get(collection, ()):
            other = Path(os.path.realpath(root.folder))
            if folder == other:
                return
            if folder.is_relative_to(other) or other.is_relative_to(folder):
                raise InvalidRequest(
                    f"{folder.name!r} overlaps with {other.name!r}, which is in collection"
                    f" {collection!r} already; choose another collection.",
                    "path",
                )
        self._ledger.add_root(collection, str(folder))

    def is_gone(self, collection: str) -> bool:
        """True if its own folder was its only one and is there no more."""
        roots = self.roots(collection)
        return all(root.key == "" and not root.folder.is_dir() for root in roots)

    def is_configured(self, collection: str) -> bool:
        """Whether the settings name folders of it."""
        return collection in self._configured

    def own(self, collection: str) -> Path | None:
        """The collection's own folder if it is there."""
        return listing(self._collections_dir).folders.get(collection)

    def is_missing(self, collection: str) -> bool:
        """True if files were found in an own folder that is there no more."""
        return self.own(collection) is None and self._has_own_files(collection)

    def make(self, collection: str) -> Path:
        """The collection's own folder, made if there is none. Raises OSError."""
        own = self.own(collection)
        if own is None:
            own = self._collections_dir / collection
            own.mkdir(parents=True)
        return own

    def remove(self, collection: str, name: str) -> str:
        """Move the collection's own folder to REMOVED under that name; gives where it is then,
        below the collections folder, "" if there is none. Raises OSError."""
        own = self.own(collection)
        if own is None:
            return ""
        (self._collections_dir / REMOVED).mkdir(exist_ok=True)
        own.rename(self._collections_dir / REMOVED / name)
        return f"{REMOVED}/{name}"

    def apart(self, name: str) -> Path:
        """A new folder beside those of the collections. Raises OSError."""
        folder = self._collections_dir / name
        folder.mkdir(parents=True)
        return folder

    def sweep(self, prefix: str) -> None:
        """Remove what apart() has made and a server that died has left."""
        for left in self._collections_dir.glob(f"{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)

    def has(self, own: str) -> bool:
        """own: name of a folder directly under the collections folder."""
        return (self._collections_dir / own).is_dir()

    def rename(self, own: str, new: str) -> None:
        """Names of folders directly under the collections folder. Raises OSError."""
        (self._collections_dir / own).rename(self._collections_dir / new)

    def forget(self, collection: str) -> None:
        """Leave a collection out until a refresh finds it again."""
        with self._lock:
            self._roots = {id: one for id, one in self._roots.items() if id != collection}
            self._had_own.pop(collection, None)

    def located(self, collection: str, file: str) -> Place:
        """Where an indexed file lies.

        Raises CollectionNotFound and SourceNotFound.
        """
        row = self._ledger.row(collection, file)
        for root in self.roots(collection):
            if row is not None and row.root == root.key and file.startswith(root.prefix):
                return Place(root.folder, file[len(root.prefix) :])
        raise SourceNotFound(collection, file)

    def watched(self) -> list[Path]:
        """Folders whose events matter."""
        outside = {root.folder for roots in self._roots.values() for root in roots if root.key}
        return [self._collections_dir, *sorted(outside)]

    def owners(self, path: str) -> list[tuple[str, str]]:
        """(id, path below the root) for the roots that a changed file stands under; ANY where
        the change may have made or removed a collection."""
        found = [
            (id, path[len(str(root.folder)) + 1 :])
            for id, roots in self._roots.items()
            for root in roots
            if path == str(root.folder) or path.startswith(str(root.folder) + os.sep)
        ]
        if found:
            return found
        return [(ANY, os.path.relpath(path, self._collections_dir))]

    def outside(self, path: Path) -> str:
        """Why a path in the collections folder is part of no collection, as a clause; "" of any
        other."""
        if not path.is_relative_to(self._collections_dir):
            return ""
        if path == self._collections_dir:
            return "each folder in it is a collection"
        name = path.relative_to(self._collections_dir).parts[0]
        for one in self.refused:
            if one.file == shown(name):
                return one.reason
        return rules.HIDDEN if rules.hidden(name) else "it is in none of the collections' folders"

    def _rooted(self, collection: str, own: Path | None) -> tuple[Root, ...]:
        added = [Path(folder) for folder in self._ledger.roots(collection)]
        added += self._configured.get(collection, ())
        if own is not None or not added:
            self._had_own[collection] = True
        if collection not in self._had_own:
            self._had_own[collection] = self._has_own_files(collection)
        if self._had_own[collection]:
            own = own or self._collections_dir / collection
        return roots(own, added)

    def _has_own_files(self, collection: str) -> bool:
        return any(row.root == "" for row in self._ledger.rows(collection).values())
