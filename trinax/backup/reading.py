"""Reading a backup, each part compared with its digest."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from trinax.backup import records
from trinax.backup.contents import DOCUMENTS, check_versions, has_place
from trinax.backup.members import DIGEST_BYTES, Extents, map_of
from trinax.backup.records import END, FORMAT, HEAD, End, Head, Part
from trinax.errors import BadBackup, NewerData
from trinax.index.ledger import SCHEMA as LEDGER
from trinax.index.sparse import PART_BYTES
from trinax.ingest.archives import PLAIN, Bounded

HEAD_LIMIT_BYTES = 1 << 20
# Some 200 bytes a part.
END_LIMIT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Found:
    """A part that is about to be read. mtime_ns: 0 where nothing is said of it. pieces: (offset,
    bytes) in order, with holes between them; to be taken before the next part. mode: what the owner
    and others may do with it. ends_at: where the archive goes on."""

    name: str
    size_bytes: int
    mtime_ns: int
    mode: int
    is_folder: bool
    pieces: Iterator[tuple[int, bytes]]
    ends_at: int


class Reading:
    """A backup that is read once, from its beginning; a context manager.

    Every method raises BadBackup for what is not as it was written, with what is missing where it
    was cut off, and NewerData.
    """

    def __init__(self, file: Path) -> None:
        self._stream = file.open("rb")
        try:
            with _translated():
                self._tar = tarfile.TarFile(
                    fileobj=Bounded(self._stream), encoding="utf-8", errors="strict"
                )
                self.head = self._begun()
        except BaseException:
            self._stream.close()
            raise
        self._read: dict[str, Part] = {}
        self._end: End | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    @property
    def end(self) -> End:
        """After the last part: what there is."""
        assert self._end is not None
        return self._end

    def parts(self) -> Iterator[Found]:
        """When it has ended, all of it was compared."""
        while (info := self._next()) is not None:
            if info.name == END:
                end = records.end(self._small(info, END_LIMIT_BYTES))
                self._compare(end)
                self._end = end
                return
            if not has_place(info.name):
                raise BadBackup(f"{info.name[:200]!a} has no place in it")
            if info.name in self._read:
                raise BadBackup(f"{info.name} stands in it twice")
            yield self._found(info)
        raise BadBackup(f"it is cut off; {self._missing()}")

    def _begun(self) -> Head:
        info = self._tar.next()
        if info is None or info.name != HEAD:
            raise BadBackup(f"it does not begin with {HEAD}")
        head = records.head(self._small(info, HEAD_LIMIT_BYTES))
        if head.format > FORMAT:
            raise NewerData("the backup", head.format, FORMAT)
        check_versions(head.versions)
        return head

    def _next(self) -> tarfile.TarInfo | None:
        try:
            with _translated():
                info = self._tar.next()
        except BadBackup as exc:
            raise BadBackup(f"it is cut off; {self._missing()}") from exc
        self._tar.members.clear()  # type: ignore[attr-defined]  # a list that nobody needs
        if info is not None and (info.size < 0 or not (info.isdir() or info.type in PLAIN)):
            raise BadBackup(f"{info.name[:200]!a} is no plain file")
        return info

    def _found(self, info: tarfile.TarInfo) -> Found:
        places = cast(Extents | None, info.sparse) or [(0, info.size)]
        return Found(
            info.name,
            info.size,
            _nanoseconds(info.pax_headers.get("mtime", "")),
            info.mode & 0o777,
            info.isdir(),
            self._pieces(info, places) if info.isreg() else iter(()),
            self._tar.offset,
        )

    def _pieces(self, info: tarfile.TarInfo, places: Extents) -> Iterator[tuple[int, bytes]]:
        real = [(start, length) for start, length in places if length]
        if any(start < 0 or length < 0 or start + length > info.size for start, length in places):
            raise BadBackup(f"{info.name} does not fit into itself")
        is_sparse = info.sparse is not None
        stored = map_of(real, info.size) if is_sparse else b""
        digest = blake2b(stored, digest_size=DIGEST_BYTES)
        self._stream.seek(info.offset_data)
        for start, length in real:
            left = length
            while left:
                block = self._stream.read(min(left, PART_BYTES))
                if not block:
                    raise BadBackup(f"it is cut off in {info.name}; {self._missing()}")
                digest.update(block)
                yield start + length - left, block
                left -= len(block)
        self._read[info.name] = Part(info.name, info.size, digest.hexdigest())

    def _small(self, info: tarfile.TarInfo, limit_bytes: int) -> bytes:
        if info.size > limit_bytes:
            raise BadBackup(f"{info.name} is too long")
        self._stream.seek(info.offset_data)
        content = self._stream.read(info.size)
        if len(content) < info.size:
            raise BadBackup(f"it is cut off in {info.name}")
        return content

    def _compare(self, end: End) -> None:
        if odd := [name for name in end.folders if "/" in name or not has_place(_inside(name))]:
            raise BadBackup(f"{odd[0][:200]!a} has no place in it")
        written = {part.name: part for part in end.parts}
        if missing := sorted(written.keys() - self._read.keys()):
            raise BadBackup(f"{len(missing)} parts are missing, {missing[0]} is the first")
        for name, part in self._read.items():
            if written.get(name) != part:
                raise BadBackup(f"{name} is not what was written")

    def _missing(self) -> str:
        whole = {name.split("/")[1] for name in self._read if name.startswith("index/")}
        missing = [id for id in self.head.collections if id not in whole]
        missing += {LEDGER.file} - self._read.keys()
        lists = f"nothing is there of {', '.join(missing)}" if missing else "its end is missing"
        return f"{len(self._read)} parts are whole, {lists}"


def _inside(folder: str) -> str:
    """Any document of a collection's own folder."""
    return f"{DOCUMENTS}/{folder}/any"


def _nanoseconds(text: str) -> int:
    seconds, _, rest = text.partition(".")
    digits = seconds + rest.ljust(9, "0")[:9]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as exc:
        raise BadBackup("it is no tar file, or a broken one") from exc
