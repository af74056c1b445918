"""RTF files, by striprtf."""

import codecs
import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from trinax.documents.readers.extracted import Extracted, row, shaped, words
from trinax.errors import UnreadableDocument

WHAT = "an RTF file"
START = b"{\\rtf"

CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
USUAL = "cp1252"

BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BULLET = re.compile(r"\{\\(?:listtext|pntext)\b(?:[^{}]|\{[^{}]*\})*\}")
NOTE = re.compile(r"\{(?:\\\*)?\\footnote\b(?:\\ftnalt\b)?")
TITLE = re.compile(r"\{\\title ([^{}]*)\}")

# A heading's style by its name in the style sheet, and by its number where it is used. Files
# without say how deep a paragraph is in the outline.
HEADING = re.compile(r"\{\\s(\d{1,4})\b[^{};]*?\bheading ([1-6]);", re.IGNORECASE)
STYLED = re.compile(r"\\s(\d{1,4})(?!\d) ?")
OUTLINED = re.compile(r"\\outlinelevel([0-5])(?!\d) ?")
MARKS = re.compile(r"(?:(#{1,6}) +)+")

# striprtf turns fields of this form into links, by an expression that takes the square of a line.
FIELD = "\\fldinst{"
FIELD_LEFT_OUT = "\\fldinst {"


def extracted(data: bytes) -> Extracted:
    """Raises UnreadableDocument."""
    if not data.lstrip().startswith(START):
        raise UnreadableDocument(f"{WHAT} that is none")
    encoding = _encoding(data)
    source, notes = _notes_apart(data.decode(encoding, "replace").replace(FIELD, FIELD_LEFT_OUT))
    title = TITLE.search(source)
    source = BULLET.sub("{- }", _marked(source))
    lines = [
        *_lines(_text(source, encoding)),
        *(f"- [{n}] {words(_text(_whole(note), encoding))}" for n, note in enumerate(notes, 1)),
    ]
    return Extracted(shaped(lines), words(_text(_whole(title[1]), encoding)) if title else "")


def _encoding(data: bytes) -> str:
    named = CODE_PAGE.search(data)
    try:
        return codecs.lookup(f"cp{int(named[1])}").name if named else USUAL
    except LookupError:
        return USUAL


def _notes_apart(source: str) -> tuple[str, list[str]]:
    """The file with a number in the place of each footnote, and these as they were."""
    starts = {match.start() for match in NOTE.finditer(source)}
    pieces: list[str] = []
    notes: list[str] = []
    position = 0
    for start, end in _groups(source, starts) if starts else ():
        notes.append(NOTE.sub("", source[start:end], count=1))
        pieces += [source[position:start], f"{{[{len(notes)}]}}"]
        position = end
    return "".join([*pieces, source[position:]]), notes


def _groups(source: str, starts: set[int]) -> Iterator[tuple[int, int]]:
    """Where the groups that start there begin and end, but for those inside of one."""
    depth = 0
    start, outer = -1, 0
    for match in BRACE.finditer(source):
        if match[0] == "{":
            depth += 1
            if start < 0 and match.start() in starts:
                start, outer = match.start(), depth
        elif match[0] == "}":
            if start >= 0 and depth == outer:
                yield start, match.end()
                start = -1
            depth -= 1


def _whole(group: str) -> str:
    return f"{{\\rtf1\\ansi {group.rstrip('}')}}}"


def _marked(source: str) -> str:
    """The file with Markdown's marks at the beginning of its headings."""
    levels = {number: int(level) for number, level in HEADING.findall(source)}
    if not levels:
        return OUTLINED.sub(lambda match: f"{match[0]}{'#' * (int(match[1]) + 1)} ", source)
    return STYLED.sub(
        lambda match: f"{match[0]}{'#' * level} " if (level := levels.get(match[1])) else match[0],
        source,
    )


def _text(source: str, encoding: str) -> str:
    try:
        found = rtf_to_text(source, encoding, "replace")  # type: ignore[no-untyped-call]
    except (LookupError, ValueError, OverflowError) as exc:
        raise UnreadableDocument(f"{WHAT} that is broken") from exc
    # Characters beyond the first 65 536 come in two halves.
    return str(found).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _lines(text: str) -> Iterator[str]:
    for line in map(str.strip, text.split("\n")):
        marks = MARKS.match(f"{line} ")
        if line.endswith("|"):
            yield row(line[:-1].split("|"))
        elif marks is None:
            yield line
        elif rest := line[marks.end() :]:
            yield f"{marks[1]} {rest}"
