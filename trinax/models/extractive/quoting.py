"""Excerpts as they are shown: quoted, cited, and unable to pose as anything else."""

import re
from collections.abc import Sequence
from itertools import groupby

from trinax.index.records import Passage
from trinax.models.extractive.choosing import Quote
from trinax.models.extractive.excerpts import (
    BLOCK_CHARACTERS,
    Shape,
    definition,
    definition_start,
)
from trinax.models.extractive.support import Supported

ROWS = 6  # a table of so many is shown whole

# Whatever could be read as a citation: [3], [^3], [1, 2], 【1†x】, [source 2].
CITATION = re.compile(r"[\[【](\s*\^?(?:\w+\s+)?\d[^\[\]【】]*)[\]】]")
IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
# Of any other image: brackets within brackets, an address that stands elsewhere.
IMAGE_START = re.compile(r"!+\[")
RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+$")
LEFT_OUT = "| … |"
BULLET = re.compile(r"^\s*(?:[-*+•‣◦]|\(?\d{1,3}[.)])\s+")


def quote(given: Quote, passage: Passage, placed: bool = False) -> str:
    """Markdown of a quote, each part with its citation.

    placed: whether to say where it stands; of code that is always said.
    """
    citation = "".join(f"[{n}]" for n in (given.n, *given.also))
    parts = [
        _part(shape, list(run), citation, passage)
        for shape, run in groupby(given.group, lambda one: one.excerpt.shape)
    ]
    if placed and given.group[0].excerpt.shape != "code":
        parts.insert(0, place(passage, given.group[0].excerpt.line))
    return "\n\n".join(parts)


def place(passage: Passage, line: int) -> str:
    """File and line, or page, as a line that introduces what stands there. line: from 0, in the
    passage."""
    chunk = passage.chunk
    at = f":{chunk.start_line + line}" if chunk.page is None else f", p. {chunk.page}"
    file = " ".join(passage.file.replace("`", "'").split())
    return f"`{file}{at}`:"


def _part(shape: Shape, run: Sequence[Supported], citation: str, passage: Passage) -> str:
    texts = [one.excerpt.text for one in run]
    if shape == "code":
        return "\n\n".join(_code(one, citation, passage) for one in run)
    if shape == "fence":
        return "\n\n".join(f"{fence}\n{citation}" for fence in texts)
    if shape == "table":
        # A line right below a table would be one more row.
        return "\n\n".join(f"{harmless(_rows(one))}\n\n{citation}" for one in run)
    if shape == "item" and len(texts) > 1:
        return "\n".join(f"- {harmless(BULLET.sub('', text))} {citation}" for text in texts)
    return f"“{_within(harmless(BULLET.sub('', ' '.join(texts))))}” {citation}"


def _within(text: str) -> str:
    """With single quotation marks, as is the custom within double ones: of several pairs nobody
    could tell which ends the quotation."""
    return text.replace("“", "‘").replace("”", "’")


def _code(one: Supported, citation: str, passage: Passage) -> str:
    excerpt, best = one.excerpt, one.lines[0]
    start = excerpt.line + definition_start(excerpt.text.split("\n"), best)
    shown = definition(excerpt.text, best, passage.kind)
    return f"{place(passage, start)}\n\n{shown}\n{citation}"


def _rows(one: Supported) -> str:
    """A small table whole; of a large one the head and the rows that match, with marks for what
    is left out."""
    rows = one.excerpt.text.split("\n")
    head = 2 if len(rows) > 1 and RULE.match(rows[1]) else 1
    wanted = {line for line in one.lines if line >= head} or set(range(len(rows)))
    if len(rows) <= ROWS + head:
        wanted = set(range(len(rows)))
    room = BLOCK_CHARACTERS
    shown: list[str] = []
    for i, row in enumerate(rows):
        room -= len(row) if i in wanted or i < head else 0
        if i < head or (i in wanted and room >= 0):
            shown.append(row)
        elif shown[-1] != LEFT_OUT:
            shown.append(LEFT_OUT)
    return "\n".join(shown)


def harmless(text: str) -> str:
    """Prose in which [3] is no citation, an image loads nothing, and backticks come in pairs:
    after a single one our own citation would stand in code."""
    text = IMAGE_START.sub("[", IMAGE.sub(r"\1", text))
    text = CITATION.sub(r"［\1］", text)
    return text if text.count("`") % 2 == 0 else text.replace("`", "'")
