"""Markdown's headings, and where it may be cut."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from trinax.documents import prose
from trinax.documents.headings import Heading, sections
from trinax.documents.packing import Outline
from trinax.documents.positions import LINE_START, line_starts_with
from trinax.documents.tables import lead, tables

LINE = 0.3  # price of a cut inside a fence or a table

END = r"[ \t]*(?=[\r\n]|\Z)"
LINE_END = r"(?:\r\n|\n|\r)"

FRONT_MATTER = re.compile(rf"\A---[ \t]*{LINE_END}(?:[^\r\n]*{LINE_END})*?(?:---|\.\.\.){END}")
FENCE = re.compile(rf"{LINE_START}[ >]*(?:(?:[-*+]|\d+[.)])[ ]+)?(`{{3,}}|~{{3,}})([^\r\n]*)")
HASHES = line_starts_with(r" {0,3}(#{1,6})(?:[ \t]([^\r\n]*))?(?=[\r\n]|\Z)")
UNDERLINED = line_starts_with(rf" {{0,3}}([^\s#>|`~*+<-][^\r\n]*){LINE_END} {{0,3}}(=+|-+){END}")
# As wikis have it. Blanks between the signs: as WikiText, a corpus of many tests, prints them.
SIGNS = line_starts_with(rf" {{0,3}}(=(?: ?=){{0,5}})[ \t]+([^\s=][^\r\n]*?)[ \t]+\1{END}")
BLANK_BEFORE = re.compile(r"(?:\A|[\r\n])[ \t]*(?:\r\n|\n|\r)\Z|\A\Z")

MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*]+|<[^>]+>|\{#[^}]*\}$")
TITLE_CHARACTERS = 120
TOP_CHARACTERS = 4000


def outline(text: str) -> Outline:
    """The sections of a Markdown text; fences and tables are held together."""
    found = tables(text)
    held = _held(text, found)
    borders = prose.borders(text)
    offsets = sorted(borders)
    for start, end in held:
        for at in offsets[bisect_right(offsets, start) : bisect_left(offsets, end)]:
            if text[at - 1] in "\r\n":
                borders[at] = LINE
            else:
                borders.pop(at, None)
    whole = sections(_headings(text, held), len(text))
    kept = set(held)
    leads = (lead(text, table) for table in found if table in kept)
    return Outline((whole,), borders, tuple(held), tuple(leads))


def title(text: str) -> str:
    """The first heading of the outermost level there is; "" without any."""
    for part in (_top(text), text):
        found = _headings(part, _held(part, tables(part)))
        first = min(found, key=lambda heading: heading.level, default=None)
        # Nothing further down comes before a first heading of level 1.
        if first and (first.level == 1 or part is text):
            return first.title
    return ""


def _top(text: str) -> str:
    """The first lines; none where front matter may be cut."""
    return "" if text.startswith("---") else text[: text.rfind("\n", 0, TOP_CHARACTERS) + 1]


def _held(text: str, tables: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Front matter, fences and the tables outside of them, half open, in order."""
    fences = list(_fences(text))
    ends = [end for _, end in fences]
    outside = []
    for table in tables:
        before = bisect_right(ends, table[0])
        if before == len(fences) or fences[before][0] > table[0]:
            outside.append(table)
    return sorted([*fences, *outside])


def _fences(text: str) -> Iterator[tuple[int, int]]:
    front = FRONT_MATTER.match(text)
    position = front.end() if front else 0
    if front:
        yield front.span()
    opened: re.Match[str] | None = None
    has_marks = "```" in text or "~~~" in text
    for match in FENCE.finditer(text, position) if has_marks else ():
        if opened is None:
            opened = match if "`" not in match[2] or match[1][0] == "~" else None
        elif match[1].startswith(opened[1]) and not match[2].strip():
            yield opened.start(), match.end()
            opened = None
    if opened is not None:
        yield opened.start(), len(text)


def _headings(text: str, held: list[tuple[int, int]]) -> list[Heading]:
    found = [
        Heading(match.start(), len(match[1]), _plain(_unclosed(match[2] or "")))
        for match in HASHES(text)
    ]
    found += [
        Heading(match.start(), match[1].count("="), _plain(match[2])) for match in SIGNS(text)
    ]
    for match in UNDERLINED(text):
        if BLANK_BEFORE.search(text, max(0, match.start() - 80), match.start()):
            found.append(Heading(match.start(), 1 if match[2][0] == "=" else 2, _plain(match[1])))
    starts = [start for start, _ in held]
    found = [
        heading
        for heading in found
        if not (at := bisect_right(starts, heading.start)) or held[at - 1][1] <= heading.start
    ]
    return sorted(found, key=lambda heading: heading.start)


def _unclosed(line: str) -> str:
    """A heading's words without the closing hashes that Markdown allows."""
    words = line.strip()
    shorter = words.rstrip("#")
    return shorter.rstrip() if shorter[-1:].isspace() or not shorter else words


def _plain(words: str) -> str:
    plain = MARKUP.sub(r"\1", words[: 4 * TITLE_CHARACTERS]).strip()
    return plain if len(plain) <= TITLE_CHARACTERS else plain[: TITLE_CHARACTERS - 1] + "…"
