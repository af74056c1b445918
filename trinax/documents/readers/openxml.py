"""What Word, PowerPoint and Excel files have in common: parts, and relations between them."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from trinax.documents.readers.archive import Archive
from trinax.documents.readers.markup import attributes, element
from trinax.errors import UnreadableDocument

# The container of Office's older formats, which also holds every encrypted file.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

CORE = "docProps/core.xml"


@dataclass(frozen=True, slots=True)
class Relation:
    """kind: last word of its type, "slide". target: name of a part, from the archive's root."""

    kind: str
    target: str


def archive(data: bytes, what: str, suffix: str) -> Archive:
    """what: as Archive takes it. suffix: that of the format, for who has to save it anew.

    Raises UnreadableDocument, also for the older format under the newer one's name.
    """
    if data.startswith(COMPOUND):
        if ENCRYPTED in data:
            raise UnreadableDocument(f"{what} that needs a password")
        raise UnreadableDocument(f"{what} in the old format: save it as {suffix}")
    return Archive(data, what)


def title(parts: Archive) -> str:
    """From the metadata; "" without one."""
    return element(parts.part(CORE), "title") if CORE in parts else ""


def relations(parts: Archive, name: str) -> dict[str, Relation]:
    """What a part refers to inside the archive, by id."""
    folder, file = posixpath.split(name)
    listing = f"{folder}/_rels/{file}.rels".lstrip("/")
    if listing not in parts:
        return {}
    return {
        found.get("Id", ""): Relation(
            found.get("Type", "").rpartition("/")[2], resolved(folder, found.get("Target", ""))
        )
        for found in attributes(parts.part(listing), "Relationship")
        if found.get("TargetMode") != "External"
    }


def targets(parts: Archive, name: str, kind: str) -> Iterator[str]:
    """Those of a part's relations of one kind; name: "" for the archive's own."""
    for relation in relations(parts, name).values():
        if relation.kind == kind:
            yield relation.target


def resolved(folder: str, target: str) -> str:
    """The name of the part that a reference in that folder means."""
    return posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
