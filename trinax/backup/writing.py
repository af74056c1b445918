"""Writing a backup, part by part."""

import os
import sqlite3
import stat
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from trinax import __version__
from trinax.backup import members
from trinax.backup.contents import AUDIT, DATABASES, DOCUMENTS, INDEX, VERSIONS
from trinax.backup.records import END, FORMAT, HEAD, End, Head, Index, LeftOut, Part, written
from trinax.backup.sources import Copy, Source
from trinax.documents.opening import Place, opened
from trinax.documents.reading import contents
from trinax.errors import FolderFailed, KeysFailed, UnreadableDocument
from trinax.index import edge, places
from trinax.index.places import serving
from trinax.index.sparse import PART_BYTES
from trinax.ingest import archives, rules
from trinax.ingest.folders import listing
from trinax.ingest.ingest import PAUSED
from trinax.ingest.scan import Limits, Root, scan
from trinax.ingest.uploads import failure
from trinax.models.catalogue.catalogue import Catalogue
from trinax.schema import copied
from trinax.settings import Settings


@dataclass(slots=True)
class _Written:
    parts: list[Part] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def backup(
    settings: Settings, source: Source, apart: Path, documents: bool = True
) -> Generator[bytes, None, None]:
    """A backup of the data folder, and of the documents in the collections' own folders, in parts
    of about PART_BYTES.

    apart: an empty folder on the data folder's disk, with room for the largest index.
    Raises StorageFull, FolderFailed, KeysFailed.
    """
    try:
        yield from _joined(_Writer(settings, apart).all(source, documents))
    except sqlite3.Error as exc:
        raise FolderFailed("The backup", f"the ledger: {exc}") from exc
    except OSError as exc:
        raise failure(exc, "The backup") from exc


def _joined(parts: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= PART_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


class _Writer:
    def __init__(self, settings: Settings, apart: Path) -> None:
        self._settings = settings
        self._apart = apart
        self._written = _Written()

    def all(self, source: Source, documents: bool) -> Iterator[bytes]:
        yield self._inline(HEAD, written(self._head()))
        ids = yield from self._indexes(source)
        yield from self._databases()
        yield from self._others()
        if documents:
            yield from self._documents()
        done = self._written
        indexes = tuple(one for one in done.indexes if one.collection in ids)
        end = End(tuple(done.parts[1:]), indexes, tuple(done.folders), tuple(done.left_out))
        yield members.inline(END, written(end))[0] + archives.closing()

    def _head(self) -> Head:
        settings = self._settings
        installed = Catalogue(settings.models_dir).scan()
        return Head(
            format=FORMAT,
            trinax=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            collections=tuple(edge.known(settings.data_dir / INDEX)),
            versions=VERSIONS,
            embedder=settings.embedding.model,
            models={info.id: info.size_bytes for info in installed},
        )

    def _indexes(self, source: Source) -> Generator[bytes, None, frozenset[str]]:
        copies = source.copies(self._apart)
        while True:
            try:
                one = next(copies)
            except StopIteration as end:
                found: frozenset[str] = end.value
                return found
            if isinstance(one, LeftOut):
                self._written.left_out.append(one)
            else:
                yield from self._index(one)

    def _index(self, one: Copy) -> Iterator[bytes]:
        place = serving(one.folder) if one.folder else None
        made_by = str(place.made_with.get("embedder", "")) if place else ""
        self._written.indexes.append(Index(one.collection, made_by))
        for path in places.needed(one.folder) if one.folder else ():
            yield from self._tree(f"{INDEX}/{one.collection}/{path.name}", path)

    def _tree(self, name: str, path: Path) -> Iterator[bytes]:
        if not path.is_dir():
            self._written.parts.append((yield from members.file(name, path)))
            return
        inner = sorted(path.iterdir())
        if not inner:
            yield members.folder(name)
        for one in inner:
            yield from self._tree(f"{name}/{one.name}", one)

    def _databases(self) -> Iterator[bytes]:
        for schema in DATABASES:
            copy, file = self._apart / schema.file, self._settings.data_dir / schema.file
            if not copy.exists() and file.exists():
                try:
                    copied(file, copy)
                except sqlite3.Error as exc:
                    raise KeysFailed(str(exc)) from exc
            if copy.exists():
                yield from self._tree(schema.file, copy)

    def _others(self) -> Iterator[bytes]:
        data_dir = self._settings.data_dir
        with suppress(FileNotFoundError):
            yield self._inline(PAUSED, (data_dir / PAUSED).read_bytes())
        for path in sorted(data_dir.iterdir()):
            if AUDIT.fullmatch(path.name):
                yield from self._tree(path.name, path)

    def _documents(self) -> Iterator[bytes]:
        settings = self._settings
        limit_bytes = settings.ingest.file_limit_bytes
        limits = Limits(limit_bytes, frozenset({os.path.realpath(settings.data_dir)}))
        for folder in listing(Path(os.path.realpath(settings.collections_dir))).folders.values():
            self._written.folders.append(folder.name)
            try:
                files = [*scan(Root(folder), limits).files]
            except OSError as exc:
                reason = f"the folder cannot be read ({exc.strerror})"
                self._written.left_out.append(LeftOut(folder.name, reason))
                continue
            for file in (*_ignore_files(files), *files):
                yield from self._document(Place(folder, file), limit_bytes)

    def _document(self, place: Place, limit_bytes: int) -> Iterator[bytes]:
        name = f"{place.folder.name}/{place.path}"
        try:
            with opened(place) as stream:
                found = os.fstat(stream.fileno())
                content = contents(stream, limit_bytes)
        except FileNotFoundError:
            return
        except (OSError, UnreadableDocument) as exc:
            reason = exc.reason if isinstance(exc, UnreadableDocument) else str(exc.strerror)
            self._written.left_out.append(LeftOut(name, f"it cannot be read ({reason})"))
        else:
            mode = stat.S_IMODE(found.st_mode)
            yield self._inline(f"{DOCUMENTS}/{name}", content, found.st_mtime_ns, mode)

    def _inline(self, name: str, content: bytes, mtime_ns: int = 0, mode: int = 0o600) -> bytes:
        packed, part = members.inline(name, content, mtime_ns, mode)
        self._written.parts.append(part)
        return packed


def _ignore_files(files: list[str]) -> list[str]:
    """Where rules may stand that left out others."""
    folders = {"", *(f"{above}/" for file in files for above in _above(file))}
    return [folder + name for folder in sorted(folders) for name in rules.IGNORE_FILES]


def _above(file: str) -> Iterator[str]:
    while file := file.rpartition("/")[0]:
        yield file
