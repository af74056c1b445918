"""Archives of collections as they should be, and as they should not."""

import tarfile
from collections.abc import Callable

from trinax.ingest import archives
from trinax.ingest.archives import DOCUMENTS, END, MANIFEST, End, Manifest

WIDTH = 4


def built(
    named: dict[str, bytes], *more: bytes, documents: int | None = None, vectors: int = 0
) -> bytes:
    """An archive as it should be, but for what stands before its end and for its counts."""
    parts = [archives.written(MANIFEST, Manifest(1, "demo", "another", WIDTH))]
    parts += [archives.member(DOCUMENTS + name, content) for name, content in named.items()]
    end = End(len(named) if documents is None else documents, vectors)
    return b"".join([*parts, *more, archives.written(END, end), archives.closing()])


def hostile(change: Callable[[tarfile.TarInfo], None], name: str = "documents/a.md") -> bytes:
    info = tarfile.TarInfo(name)
    change(info)
    return info.tobuf(tarfile.GNU_FORMAT)


def as_link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"


def as_hard_link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname = tarfile.LNKTYPE, "/etc/passwd"


def as_device(info: tarfile.TarInfo) -> None:
    info.type = tarfile.CHRTYPE


def as_sparse(info: tarfile.TarInfo) -> None:
    info.type = tarfile.GNUTYPE_SPARSE


def as_long_name(info: tarfile.TarInfo) -> None:
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 10**10


def as_negative(info: tarfile.TarInfo) -> None:
    info.size = -512
