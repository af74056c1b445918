"""Zip files of strangers: nothing is unpacked before it is known what it comes to."""

import zlib
from io import BytesIO
from lzma import LZMAError
from zipfile import BadZipFile, ZipFile, ZipInfo

from trinax.errors import UnreadableDocument

MEMBERS_LIMIT = 10_000
UNPACKED_LIMIT_BYTES = 400_000_000
# Of one part that is read: what its parser holds in memory is some ten times as much.
PART_LIMIT_BYTES = 100_000_000
# Deflate's own is 1032. Sheets of equal rows come to 60; below RATIO_FROM_BYTES any will do.
RATIO_LIMIT = 250
RATIO_FROM_BYTES = 10_000_000

ENCRYPTED_FLAG = 1

# What zipfile raises for a file that is damaged, or made to look so.
DAMAGED = (BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, ValueError, OSError)


class Archive:
    """The parts of a zip file, by name."""

    def __init__(self, data: bytes, what: str) -> None:
        """what: the file in two words, "a Word file".

        Raises UnreadableDocument if it is no zip file, is encrypted, or unpacks to more than is
        good.
        """
        self._what = what
        try:
            self._zip = ZipFile(BytesIO(data))
            members = self._zip.infolist()
        except DAMAGED as exc:
            raise self.broken() from exc
        if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
            raise self.locked()
        _check(members, len(data))
        self._members = {member.filename: member for member in members}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def part(self, name: str) -> bytes:
        """Raises UnreadableDocument if there is none of that name, or it is damaged."""
        member = self._members.get(name)
        if member is None:
            raise self.broken()
        if member.file_size > PART_LIMIT_BYTES:
            raise UnreadableDocument(f"a part of it unpacks to {member.file_size} bytes")
        try:
            # ZipFile.read() unpacks all there is, whatever size the file states.
            with self._zip.open(member) as stream:
                return stream.read(member.file_size + 1)
        except DAMAGED as exc:
            raise self.broken() from exc

    def names(self) -> list[str]:
        """In the order of the file."""
        return list(self._members)

    def broken(self) -> UnreadableDocument:
        return UnreadableDocument(f"{self._what} that is broken")

    def locked(self) -> UnreadableDocument:
        return UnreadableDocument(f"{self._what} that needs a password")


def _check(members: list[ZipInfo], size_bytes: int) -> None:
    if len(members) > MEMBERS_LIMIT:
        raise UnreadableDocument(f"it unpacks to {len(members)} files")
    unpacked = sum(member.file_size for member in members)
    if unpacked > UNPACKED_LIMIT_BYTES:
        raise UnreadableDocument(f"it unpacks to {unpacked} bytes")
    if unpacked > max(RATIO_FROM_BYTES, RATIO_LIMIT * size_bytes):
        raise UnreadableDocument(f"it unpacks to {unpacked // size_bytes} times its size")
