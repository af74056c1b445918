"""PowerPoint files, slide by slide; python-pptx would bring Pillow, lxml and XlsxWriter along."""

from collections.abc import Iterator, Set

from trinax.documents.readers import openxml
from trinax.documents.readers.archive import Archive
from trinax.documents.readers.extracted import Extracted, paged, row, shaped, words
from trinax.documents.readers.markup import Closes, Event, Opens, attributes, events, shown

WHAT = "a PowerPoint file"
MAIN = "ppt/presentation.xml"

# Kinds of placeholders; a text box that is none has the kind "".
TITLES = {"title", "ctrTitle"}
REPEATED = {"sldNum", "dt", "ftr", "hdr", "sldImg"}
PROSE = frozenset({"", "subTitle"})  # any other holds a list
NOTES_PROSE = PROSE | {"body"}

# Fields that say something about the slide show.
FIELDS = ("slidenum", "datetime")
# What a reader shows who does not know the newer element before it.
FALLBACK = "Fallback"
DEPTH_LIMIT = 8


def extracted(data: bytes) -> Extracted:
    """A page a slide: its title as a heading, what is on it, what its speaker says.

    Raises UnreadableDocument.
    """
    parts = openxml.archive(data, WHAT, ".pptx")
    slides = [_slide(parts, name, number) for number, name in enumerate(_names(parts), 1)]
    return paged(slides, openxml.title(parts))


def heading(title: str, number: int) -> str:
    """What a slide is called."""
    return f"# {title or f'Slide {number}'}"


def _names(parts: Archive) -> Iterator[str]:
    """The parts that are slides, in the order in which they are shown."""
    main = next(openxml.targets(parts, "", "officeDocument"), MAIN)
    related = openxml.relations(parts, main)
    for slide in attributes(parts.part(main), "sldId"):
        found = related.get(slide.get(":id", ""))
        if found is not None:
            yield found.target


def _slide(parts: Archive, name: str, number: int) -> str:
    shapes = _Shapes(parts.part(name), PROSE)
    lines = list(shapes.lines)
    for diagram in openxml.targets(parts, name, "diagramData"):
        lines += _Shapes(parts.part(diagram), frozenset()).lines
    for notes in openxml.targets(parts, name, "notesSlide"):
        said = [line for line in _Shapes(parts.part(notes), NOTES_PROSE).lines if line]
        lines += [f"Notes: {line}" for line in said[:1]] + said[1:]
    title = words(" ".join(shapes.title))
    return shaped([heading(title, number), *lines]) if title or any(lines) else ""


class _Shapes:
    """The words of a drawing. lines: as shaped() takes them. title: its paragraphs."""

    def __init__(self, xml: bytes, prose: Set[str]) -> None:
        """prose: kinds of placeholders whose paragraphs are no list items."""
        self.lines: list[str] = []
        self.title: list[str] = []
        self._prose = prose
        self._kind = ""
        self._level = 0
        self._text: list[str] | None = None  # of the paragraph that is open
        self._cells: list[str] | None = None  # of the row that is open
        self._shown = False
        for event in shown(events(xml), _is_hidden):
            self._see(event)

    def _see(self, event: Event) -> None:
        if isinstance(event, str):
            if self._text is not None and self._shown:
                self._text.append(event)
        elif isinstance(event, Closes):
            self._close(event.name)
        else:
            self._open(event)

    def _open(self, event: Opens) -> None:
        match event.name:
            case "ph":
                self._kind = event.attributes.get("type", "obj")
            case "p":
                self._text, self._level = [], 0
            case "pPr":
                level = event.attributes.get("lvl", "")
                self._level = min(int(level), DEPTH_LIMIT) if level.isdecimal() else 0
            case "t":
                self._shown = True
            case "br" if self._text is not None:
                self._text.append(" ")
            case "tr":
                self._cells = []
            case "tc" if self._cells is not None:
                self._cells.append("")

    def _close(self, name: str) -> None:
        match name:
            case "t":
                self._shown = False
            case "p" if self._text is not None:
                self._put(words("".join(self._text)))
                self._text = None
            case "tr" if self._cells is not None:
                self.lines.append(row(self._cells))
                self._cells = None
            case "sp" | "graphicFrame":
                self._kind = ""
                self.lines.append("")

    def _put(self, text: str) -> None:
        if self._cells:
            self._cells[-1] += f" {text}"
        elif not text or self._kind in REPEATED:
            return
        elif self._kind in TITLES:
            self.title.append(text)
        elif self._kind in self._prose:
            self.lines.append(text)
        else:
            self.lines.append(f"{'  ' * self._level}- {text}")


def _is_hidden(event: Opens) -> bool:
    is_field = event.name == "fld" and event.attributes.get("type", "").startswith(FIELDS)
    return is_field or event.name == FALLBACK
