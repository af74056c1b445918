"""EPUB books, chapter by chapter; the libraries for them are under the AGPL or read no text."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from trinax.documents.readers import text, webpage
from trinax.documents.readers.archive import Archive
from trinax.documents.readers.extracted import Extracted, words
from trinax.documents.readers.markup import Closes, Opens, attributes, element, events
from trinax.documents.readers.openxml import resolved
from trinax.errors import UnreadableDocument

WHAT = "a book"
CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
# What only hides the fonts (EPUB 3.3, 4.3, and Adobe's own).
OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")

PAGES = {"application/xhtml+xml", "text/html"}
CONTENTS = "application/x-dtbncx+xml"
NAVIGATION = "nav"


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book. kind: media type."""

    part: str
    kind: str
    is_contents: bool


def extracted(data: bytes) -> Extracted:
    """Every chapter in reading order; one that has no heading gets that of the contents.

    Raises UnreadableDocument.
    """
    parts = Archive(data, WHAT)
    if ENCRYPTION in parts and _is_protected(parts.part(ENCRYPTION)):
        raise UnreadableDocument(f"{WHAT} with copy protection")
    package = next(attributes(parts.part(CONTAINER), "rootfile"), {}).get("full-path", "")
    described = parts.part(package)
    items, spine = _read(described, posixpath.dirname(package))
    names = _names(parts, items)
    chapters = [_chapter(parts, items[id], names) for id in spine if id in items]
    return Extracted("\n\n".join(filter(None, chapters)), element(described, "title"))


def _is_protected(xml: bytes) -> bool:
    return any(
        found.get("Algorithm") not in OF_FONTS for found in attributes(xml, "EncryptionMethod")
    )


def _read(package: bytes, folder: str) -> tuple[dict[str, _Item], list[str]]:
    """Every file by id, and the ids of the chapters in order."""
    items: dict[str, _Item] = {}
    spine: list[str] = []
    for event in events(package):
        if not isinstance(event, Opens):
            continue
        found = event.attributes
        if event.name == "item":
            kind = found.get("media-type", "")
            items[found.get("id", "")] = _Item(
                resolved(folder, found.get("href", "")),
                kind,
                kind == CONTENTS or NAVIGATION in found.get("properties", "").split(),
            )
        elif event.name == "itemref":
            spine.append(found.get("idref", ""))
    return items, spine


def _chapter(parts: Archive, item: _Item, names: dict[str, str]) -> str:
    if item.kind not in PAGES or item.is_contents or item.part not in parts:
        return ""
    body = webpage.page(text.decoded(parts.part(item.part)).text).text
    name = names.get(item.part, "")
    if not body or not name or body.startswith("#"):
        return body
    first, _, rest = body.partition("\n")
    return f"# {name}\n\n{rest.lstrip() if words(first) == name else body}"


def _names(parts: Archive, items: dict[str, _Item]) -> dict[str, str]:
    """What the contents call the files, the first time."""
    found: dict[str, str] = {}
    for item in items.values():
        if item.is_contents and item.part in parts:
            for part, name in _entries(parts.part(item.part), posixpath.dirname(item.part)):
                found.setdefault(part, name)
    return found


def _entries(xml: bytes, folder: str) -> Iterator[tuple[str, str]]:
    """Of the contents: EPUB 2's <text> and <content src>, EPUB 3's <a href>."""
    name: list[str] = []
    target = ""
    try:
        for event in events(xml):
            if isinstance(event, str):
                name.append(event)
            elif isinstance(event, Closes):
                if event.name == "a" and words("".join(name)):
                    yield target, words("".join(name))
            elif event.name in ("a", "text"):
                name.clear()
                target = _file(folder, event.attributes.get("href", ""))
            elif event.name == "content" and words("".join(name)):
                yield _file(folder, event.attributes.get("src", "")), words("".join(name))
    except UnreadableDocument:
        return  # The chapters can be read without.


def _file(folder: str, reference: str) -> str:
    return resolved(folder, reference.partition("#")[0])
