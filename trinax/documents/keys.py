"""YAML, TOML and INI by their keys and tables."""

import re
from collections.abc import Iterator
from itertools import pairwise

from trinax.documents import lines
from trinax.documents.packing import Outline
from trinax.documents.regions import LEAST_CHARACTERS, NAME_CHARACTERS, Definition, nested

# The indentation, the dashes of lists, and a key if there is one.
LINE = re.compile(
    r"(?m)^(?P<indent> *)(?P<dashes>(?:-[ ]+)*)(?:(?P<key>\"[^\"\r\n]*\"|'[^'\r\n]*'"
    r"|[^\s#'\"{}\[\]&*!|>%@`,:-][^:#\r\n]*)[ \t]*:(?=[ \t\r\n]|\Z)|(?P<other>\S))"
)
LABELS = {"name", "title", "id", "key", "alias", "path"}
HEADER = re.compile(
    r"(?m)^[ \t]*\[{1,2}[ \t]*(?P<name>[A-Za-z_*.][^\]\r\n]*?)[ \t]*\]{1,2}[ \t]*"
    r"(?:[#;][^\r\n]*)?\r?$"
)
COMMENTS = ("#", ";")


def by_indentation(text: str) -> Outline:
    """The keys of a YAML text; an item of a list is called by what its first key says."""
    return nested(text, lines.borders(text), _keys(text), ("#",), LEAST_CHARACTERS)


def by_header(text: str) -> Outline:
    """The tables of a TOML or INI text, in brackets."""
    found = list(HEADER.finditer(text))
    edges = pairwise([*(match.start() for match in found), len(text)])
    tables = [
        Definition(start, _without_comments(text, start, end), match["name"][:NAME_CHARACTERS])
        for match, (start, end) in zip(found, edges, strict=True)
    ]
    return nested(text, lines.borders(text), tables, COMMENTS, LEAST_CHARACTERS)


def _keys(text: str) -> Iterator[Definition]:
    stack: list[tuple[int, bool, int, str]] = []  # indentation, in a list, start, name
    for match in LINE.finditer(text):
        if match["other"] == "#":
            continue
        indent, dashes = len(match["indent"]), match["dashes"]
        is_item = bool(dashes) or match["other"] == "-"
        while stack and _is_over(stack[-1], indent, is_item):
            _, _, start, name = stack.pop()
            yield Definition(start, _without_comments(text, start, match.start()), name)
        if match["key"]:
            stack.append((indent, is_item, match.start(), _name(text, match)))
    yield from (Definition(start, len(text), name) for _, _, start, name in stack)


def _is_over(above: tuple[int, bool, int, str], indent: int, is_item: bool) -> bool:
    # The items of a list may stand right below its key.
    return indent < above[0] or (indent == above[0] and (above[1] or not is_item))


def _without_comments(text: str, start: int, end: int) -> int:
    """The end without lines of comments before it, which belong to what follows."""
    while (line := text.rfind("\n", start, end - 1) + 1) > start:
        if not text[line:end].lstrip().startswith(COMMENTS):
            break
        end = line
    return end


def _name(text: str, match: re.Match[str]) -> str:
    key = match["key"].strip().strip("\"'")
    if match["dashes"] and key in LABELS:
        value = text[match.end() : match.end() + NAME_CHARACTERS].splitlines()[:1]
        key = (value[0].strip().strip("\"'") if value else "") or key
    return key[:NAME_CHARACTERS]
