"""Passages cut into what can be quoted: sentences, list items, tables, blocks of code."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Literal

from trinax.documents.languages import READ_AS_MARKDOWN
from trinax.documents.prose import sentence_starts
from trinax.index.records import Passage

Shape = Literal["sentence", "item", "table", "fence", "code"]

PROSE_KINDS = READ_AS_MARKDOWN | {"markdown", "text", "pdf", "rst", ""}
CODE_LINES = 14  # quoted of a definition at most
TAIL_LINES = 6  # of which around the line that matches best, if that stands further down
BLOCK_CHARACTERS = 1500  # of a table or a fence
SENTENCE_CHARACTERS = 600  # more is no sentence, and is cut between words
SHORT_LINE = 40  # a shorter one ends where the next begins with a capital: it was not wrapped

FENCE = re.compile(r"\s*(`{3,}|~{3,})")
HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
ITEM = re.compile(r"\s*(?:[-*+•‣◦]|\(?\d{1,3}[.)])\s+")
TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
RULE = re.compile(r"\s*(?:[-=_*]\s*){3,}$|\s*<[^>]*>\s*$")
DEFINITION = re.compile(
    r"\s*(?:@\w|(?:(?:export|default|public|private|protected|internal|static|final|abstract|async"
    r"|pub(?:\([^)]*\))?|virtual|override|inline|unsafe|extern|const)\s+)*"
    r"(?:def|class|func|function|fn|struct|enum|interface|trait|impl|type|module|namespace|record"
    r"|sub|proc)\b|(?:[\w:*&<>\[\],]+\s+)+[\w:~]+\s*\([^;]*$)"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Something that can be quoted whole.

    n: number of its passage, from 1. order: its place in the passage, from 0.
    text: as it is shown; white space within a sentence is one blank.
    heading: the nearest above it in the passage, or the passage's context.
    line: where it begins in the passage, from 0; of a sentence, where its paragraph does.
    """

    n: int
    order: int
    shape: Shape
    text: str
    heading: str
    line: int = 0


def excerpts(passage: Passage, n: int) -> list[Excerpt]:
    """All excerpts of a passage, in order; what only separates others is left out."""
    text = passage.chunk.text.replace("\r\n", "\n").replace("\ufeff", "")
    if passage.kind not in PROSE_KINDS:
        code = text.strip("\n")
        line = len(text) - len(text.lstrip("\n"))
        return [Excerpt(n, 0, "code", code, passage.chunk.context, line)] if code.strip() else []
    found: list[Excerpt] = []
    heading = passage.chunk.context
    for shape, part, line in _parts(text.split("\n")):
        if shape == "heading":
            heading = part
        elif _says_something(part):
            found.append(Excerpt(n, len(found), shape, part, heading, line))
    return found


def definition(code: str, best_line: int, name: str) -> str:
    """The part of a code passage to show: the definition around a line, from its first line.

    name: of the language, for the fence.
    """
    lines = code.split("\n")
    start = definition_start(lines, best_line)
    shown = lines[start : start + CODE_LINES]
    if best_line >= start + CODE_LINES:
        tail = lines[best_line - TAIL_LINES // 2 : best_line + TAIL_LINES // 2]
        shown = [*shown[: CODE_LINES - TAIL_LINES], "…", *tail]
    return fenced("\n".join(shown).rstrip(), name)


def definition_start(lines: Sequence[str], best_line: int) -> int:
    """First line of the definition around a line, with its decorators; 0 where there is none."""
    start = next((i for i in range(best_line, -1, -1) if DEFINITION.match(lines[i])), 0)
    while start and lines[start - 1].lstrip().startswith("@"):
        start -= 1
    return start


def fenced(code: str, name: str) -> str:
    """A fence longer than any in the code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{name}\n{code}\n{fence}"


def _parts(lines: Sequence[str]) -> Iterator[tuple[Shape | Literal["heading"], str, int]]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if FENCE.match(line):
            end = _fence_end(lines, at)
            yield "fence", _refenced(lines[at:end]), at
        elif TABLE_ROW.match(line):
            end = _while(lines, at, TABLE_ROW)
            yield "table", "\n".join(row.strip() for row in lines[at:end]), at
        elif heading := HEADING.match(line):
            end = at + 1
            yield "heading", heading[1], at
        elif not line.strip() or RULE.match(line):
            end = at + 1
        else:
            end = _paragraph_end(lines, at)
            yield from ((shape, text, at) for shape, text in _prose(lines[at:end]))
        at = end


def _prose(lines: Sequence[str]) -> Iterator[tuple[Shape, str]]:
    if ITEM.match(lines[0]):
        yield "item", " ".join("\n".join(lines).split())
        return
    for text in _unwrapped(lines):
        starts = [0, *sentence_starts(text)]
        for start, end in pairwise([*starts, len(text)]):
            sentence = text[start:end].strip()
            if len(sentence) <= SENTENCE_CHARACTERS:
                yield "sentence", sentence
            else:
                parts = wrap(sentence, SENTENCE_CHARACTERS, break_on_hyphens=False)
                yield from (("sentence", part) for part in parts)


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Lines joined where they were merely wrapped."""
    text = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        text += " ".join(line.split()) + " "
        if len(line) < SHORT_LINE and following.lstrip()[:1].isupper():
            yield text.strip()
            text = ""
    if text.strip():
        yield text.strip()


def _fence_end(lines: Sequence[str], at: int) -> int:
    opened = FENCE.match(lines[at])
    mark = opened[1] if opened else ""
    for end in range(at + 1, len(lines)):
        if lines[end].strip().startswith(mark) and not lines[end].strip().strip(mark[0]):
            return end + 1
    return len(lines)


def _paragraph_end(lines: Sequence[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and lines[end].strip():
        if any(start.match(lines[end]) for start in (FENCE, TABLE_ROW, HEADING, ITEM)):
            break
        end += 1
    return end


def _while(lines: Sequence[str], at: int, pattern: re.Pattern[str]) -> int:
    while at < len(lines) and pattern.match(lines[at]):
        at += 1
    return at


def _refenced(lines: Sequence[str]) -> str:
    """A fence from its opening line, closed or not, as one that nothing in it can end."""
    opened = FENCE.match(lines[0])
    mark, name = (opened[1], lines[0][opened.end() :].strip()) if opened else ("", "")
    closed = len(lines) > 1 and lines[-1].strip().startswith(mark)
    return fenced("\n".join(_shortened(lines[1 : -1 if closed else None])), name.strip("`"))


def _shortened(lines: Sequence[str]) -> list[str]:
    """At most BLOCK_CHARACTERS in whole lines, with a mark where some are left out."""
    kept: list[str] = []
    room = BLOCK_CHARACTERS
    for line in lines:
        room -= len(line)
        if room < 0:
            return [*kept, "…"]
        kept.append(line)
    return kept


def _says_something(text: str) -> bool:
    return sum(map(str.isalnum, text)) > 1
