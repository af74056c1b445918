"""A collection as one file, a plain tar that any tar reads: its documents, and their vectors.

First MANIFEST, then the documents below DOCUMENTS, with parts of VECTORS between them, last END.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from trinax.errors import BadArchive
from trinax.ingest import imported
from trinax.ingest.naming import BadName, sanitised
from trinax.ingest.uploads import COPY_BYTES, Sent

FORMAT = 1
MANIFEST = "trinax.json"
END = "trinax-end.json"
DOCUMENTS = "documents/"
VECTORS = "vectors/"

# Of the two JSON members, and of what tarfile reads at once for a header.
JSON_LIMIT_BYTES = 1 << 20
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """embedder: fingerprint of what made the vectors, whose width that is."""

    format: int
    collection: str
    embedder: str
    width: int


@dataclass(frozen=True, slots=True)
class End:
    """How many of each there are, so that half an archive is not taken for a whole one.
    left_out: documents that could not be put in, and why."""

    documents: int
    vectors: int
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    file_limit_bytes: int
    import_files: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """vectors: a file of records, see imported.py."""

    manifest: Manifest
    documents: tuple[Sent, ...]
    vectors: Path


def member(name: str, content: bytes, mtime_s: int = 0) -> bytes:
    """One file as it stands in the archive."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(content), mtime_s, 0o644
    padding = b"\0" * (-len(content) % tarfile.BLOCKSIZE)
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict") + content + padding


def written(name: str, record: Manifest | End) -> bytes:
    return member(name, json.dumps(asdict(record), ensure_ascii=False, indent=2).encode())


def closing() -> bytes:
    """What stands after the last member."""
    return b"\0" * (2 * tarfile.BLOCKSIZE)


def unpacked(archive: Path, folder: Path, limits: Limits) -> Unpacked:
    """All of an archive's content as files in a folder, each checked.

    Raises BadArchive for what is not as closing() and the rest write it, and OSError of the folder.
    """
    with archive.open("rb") as stream, _translated():
        reader = _Reader(stream, folder, limits)
        with tarfile.TarFile(fileobj=Bounded(stream), encoding="utf-8", errors="strict") as tar:
            while (found := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # a list that nobody needs
                reader.take(found)
        return reader.whole()


class Bounded(io.RawIOBase):
    """What tarfile reads headers from: a header that claims to be huge is not read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= JSON_LIMIT_BYTES:
            raise tarfile.ReadError("a header is too long")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


class _Reader:
    """The members of an archive in their order."""

    def __init__(self, stream: BinaryIO, folder: Path, limits: Limits) -> None:
        self._stream = stream
        self._folder = folder
        self._limits = limits
        self._manifest: Manifest | None = None
        self._end: End | None = None
        self._documents: dict[str, Sent] = {}
        self._parts = 0
        self._vectors = folder / "vectors"
        self._vectors.touch()

    def take(self, found: tarfile.TarInfo) -> None:
        if found.type not in PLAIN or found.sparse is not None or found.size < 0:
            raise BadArchive(f"{_shown(found.name)} is no plain file")
        if self._end is not None:
            raise BadArchive(f"something stands after {END}")
        self._stream.seek(found.offset_data)
        if self._manifest is None:
            self._manifest = self._begun(found)
        elif found.name == END:
            self._end = _read(End, self._json(found), END)
        elif found.name.startswith(DOCUMENTS):
            self._document(found)
        elif found.name.startswith(VECTORS):
            self._records(found, self._manifest.width)
        else:
            raise BadArchive(f"{_shown(found.name)} has no place in it")

    def whole(self) -> Unpacked:
        if self._manifest is None or self._end is None:
            raise BadArchive("its end is missing")
        size = imported.record(self._manifest.width).itemsize
        counts = (len(self._documents), self._vectors.stat().st_size // size)
        if counts != (self._end.documents, self._end.vectors):
            raise BadArchive("parts of it are missing")
        _check_places(self._documents)
        return Unpacked(self._manifest, tuple(self._documents.values()), self._vectors)

    def _begun(self, found: tarfile.TarInfo) -> Manifest:
        if found.name != MANIFEST:
            raise BadArchive(f"it does not begin with {MANIFEST}")
        manifest = _read(Manifest, self._json(found), MANIFEST)
        if manifest.format > FORMAT:
            raise BadArchive("a newer trinax wrote it")
        if not 0 < manifest.width <= 1 << 16:
            raise BadArchive("its vectors have no sensible width")
        return manifest

    def _json(self, found: tarfile.TarInfo) -> bytes:
        if found.size > JSON_LIMIT_BYTES:
            raise BadArchive(f"{_shown(found.name)} is too long")
        return self._stream.read(found.size)

    def _document(self, found: tarfile.TarInfo) -> None:
        name = found.name.removeprefix(DOCUMENTS)
        try:
            file = sanitised(name)
        except BadName as exc:
            raise BadArchive(f"{_shown(name)}: {exc.reason}") from exc
        if found.size > self._limits.file_limit_bytes:
            raise BadArchive(f"{_shown(file)} is over {self._limits.file_limit_bytes} bytes")
        if file in self._documents:
            raise BadArchive(f"{_shown(file)} stands in it twice")
        if len(self._documents) >= self._limits.import_files:
            raise BadArchive(f"it holds more than {self._limits.import_files} documents")
        content = self._folder / f"{len(self._documents)}"
        with content.open("wb") as copy:
            self._copy(found, copy)
        self._documents[file] = Sent(file, found.size, content)

    def _records(self, found: tarfile.TarInfo, width: int) -> None:
        size = imported.record(width).itemsize
        self._parts += 1
        if found.size > max(COPY_BYTES * 16, size) or self._parts > self._limits.import_files:
            raise BadArchive(f"{_shown(found.name)} is too much")
        part = self._stream.read(found.size)
        if len(part) < found.size or not imported.is_sound(part, width):
            raise BadArchive(f"{_shown(found.name)} holds no vectors")
        with self._vectors.open("ab") as vectors:
            vectors.write(part)

    def _copy(self, found: tarfile.TarInfo, copy: BinaryIO) -> None:
        left = found.size
        while left:
            part = self._stream.read(min(left, COPY_BYTES))
            if not part:
                raise BadArchive("it ends too early")
            copy.write(part)
            left -= len(part)


Record = TypeVar("Record", Manifest, End)


def _read(record: type[Record], content: bytes, name: str) -> Record:
    try:
        given = json.loads(content)
        values = {field.name: given[field.name] for field in fields(record)}
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise BadArchive(f"{name} cannot be read") from exc
    if not all(_fits(values[field.name], field.type) for field in fields(record)):
        raise BadArchive(f"{name} cannot be read")
    return record(**values)


def _fits(value: Any, hint: Any) -> bool:
    return type(value) is (hint if hint in (int, str) else list)


def _check_places(files: Iterable[str]) -> None:
    """Raises BadArchive where one file would have to lie in another."""
    names = set(files)
    for name in names:
        above = name
        while above := above.rpartition("/")[0]:
            if above in names:
                raise BadArchive(f"{_shown(above)} is a file and a folder")


def _shown(name: str) -> str:
    return ascii(name[:200])


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as exc:
        raise BadArchive("it is no tar file, or a broken one") from exc
