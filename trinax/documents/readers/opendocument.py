"""OpenDocument texts and slides; odfdo would bring lxml along, and escapes what it writes."""

from collections.abc import Iterator
from html import escape

from trinax.documents.readers import slides, webpage
from trinax.documents.readers.archive import Archive
from trinax.documents.readers.extracted import Extracted, paged
from trinax.documents.readers.markup import (
    Closes,
    Event,
    Opens,
    attributes,
    element,
    events,
    shown,
)

WHAT = "an OpenDocument file"
CONTENT = "content.xml"
METADATA = "meta.xml"
MANIFEST = "META-INF/manifest.xml"

PARAGRAPHS = {"p", "h"}
TAGS = {
    "list": "ul",
    "table": "table",
    "table-row": "tr",
    "table-cell": "td",
    "covered-table-cell": "td",
}
ITEMS = {"list-item", "list-header"}
NOTES = {"note", "note-body"}
BLANKS = {"line-break": "<br>", "tab": " ", "s": " "}
# What is not on the page, or repeats what is.
DROPPED = {"tracked-changes", "annotation", "note-citation", "table-of-content", "page-number"}
# Frames that repeat on every slide.
REPEATED = {"page-number", "date-time", "footer", "header"}
HEADINGS = 6


def text(data: bytes) -> Extracted:
    """Raises UnreadableDocument."""
    parts = _archive(data)
    page = _Page()
    for event in shown(events(parts.part(CONTENT)), _is_hidden):
        page.see(event)
    return Extracted(webpage.page(page.html()).text, title(parts))


def presentation(data: bytes) -> Extracted:
    """A page a slide. Raises UnreadableDocument."""
    parts = _archive(data)
    return paged(list(_slides(parts.part(CONTENT))), title(parts))


def _archive(data: bytes) -> Archive:
    parts = Archive(data, WHAT)
    encrypted = attributes(parts.part(MANIFEST), "encryption-data") if MANIFEST in parts else ()
    if next(iter(encrypted), None) is not None:
        raise parts.locked()
    return parts


def title(parts: Archive) -> str:
    """From the metadata; "" without one."""
    return element(parts.part(METADATA), "title") if METADATA in parts else ""


def _slides(xml: bytes) -> Iterator[str]:
    page = _Page()
    number = 0
    for event in shown(events(xml), _is_hidden):
        page.see(event)
        if event == Closes("page"):
            number += 1
            body = webpage.page(page.html()).text
            if body and not body.startswith("# "):
                body = f"{slides.heading('', number)}\n\n{body}"
            yield body
            page = _Page()


class _Page:
    """A document, or a slide of one, as HTML."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._notes: list[list[str]] = []
        self._blocks: list[str] = []  # tags of the paragraphs that are open
        self._titles = {"Title"}  # styles
        self._frame = ""
        self._lead = ""  # of the next paragraph
        self._is_item = False  # whether the next paragraph begins one
        self._is_note = False

    def html(self) -> str:
        notes = "".join(
            f"<li>[{number}] {''.join(note)}</li>" for number, note in enumerate(self._notes, 1)
        )
        return "".join(self._pieces) + (f"<ul>{notes}</ul>" if notes else "")

    def see(self, event: Event) -> None:
        if isinstance(event, str):
            if self._blocks:
                self._write(escape(event))
        elif isinstance(event, Closes):
            self._close(event.name)
        else:
            self._open(event)

    def _open(self, event: Opens) -> None:
        name = event.name
        if name in PARAGRAPHS:
            self._begin(event)
        elif name in ITEMS:
            self._is_item = True
        elif name in NOTES:
            self._open_note(name)
        elif name in BLANKS:
            self._write(BLANKS[name])
        elif name in TAGS:
            self._write(f"<{TAGS[name]}>")
        else:
            self._prepare(event)

    def _open_note(self, name: str) -> None:
        self._is_note = name == "note-body" and bool(self._notes)
        if name == "note":
            self._notes.append([])
            self._write(f"[{len(self._notes)}]")

    def _prepare(self, event: Opens) -> None:
        """What says something about the paragraphs to come."""
        match event.name:
            case "style" if event.attributes.get(":parent-style-name") in self._titles:
                self._titles.add(event.attributes.get(":name", ""))
            case "frame":
                self._frame = event.attributes.get(":class", "")
            case "notes":
                self._lead = "Notes: "

    def _begin(self, event: Opens) -> None:
        level = event.attributes.get(":outline-level", "")
        is_title = self._frame == "title" or event.attributes.get(":style-name") in self._titles
        tag = "p"
        if event.name == "h" and level.isdecimal():
            tag = f"h{min(max(int(level), 1), HEADINGS)}"
        elif is_title:
            tag = "h1"
        elif self._is_item:
            tag = "li"
        self._blocks.append(tag)
        self._write(" " if self._is_note else f"<{tag}>{self._lead}")
        self._lead = ""
        self._is_item = False

    def _close(self, name: str) -> None:
        if name in PARAGRAPHS and self._blocks:
            tag = self._blocks.pop()
            self._write("" if self._is_note else f"</{tag}>")
        elif name in TAGS:
            self._write(f"</{TAGS[name]}>")
        elif name == "frame":
            self._frame = ""
        elif name == "note-body":
            self._is_note = False

    def _write(self, piece: str) -> None:
        (self._notes[-1] if self._is_note else self._pieces).append(piece)


def _is_hidden(event: Opens) -> bool:
    return event.name in DROPPED or (
        event.name == "frame" and event.attributes.get(":class") in REPEATED
    )
