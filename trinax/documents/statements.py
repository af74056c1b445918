"""What SQL defines, in any dialect: its statements are told apart, not understood."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from trinax.documents.regions import NAME_CHARACTERS, Definition

NAME = r"(?:[\w$#@]+|\"[^\"\r\n]+\"|`[^`\r\n]+`|\[[^\]\r\n]+\])"
# Blanks are bounded: what comes before a name is not searched without end.
CREATED = re.compile(
    r"(?i)(?:CREATE|ALTER)(?=\s)(?P<between>(?:\s{1,99}[\w@`'=%()]{1,40}){0,6}?)\s{1,99}"
    r"(?P<what>TABLE|VIEW|FUNCTION|PROCEDURE|PROC|TRIGGER|INDEX|TYPE|PACKAGE(?:\s{1,9}BODY)?"
    r"|SEQUENCE|SCHEMA|DATABASE|DOMAIN|EXTENSION|ROLE|USER|POLICY|EVENT)(?=\s)"
    r"(?:\s{1,99}CONCURRENTLY)?(?:\s{1,99}IF\s{1,9}NOT\s{1,9}EXISTS)?"
    rf"\s{{0,99}}(?P<name>{NAME}(?:\.{NAME}){{0,3}})?"
)
ROUTINES = {"FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "PACKAGE", "PACKAGE BODY", "EVENT"}

# Comments and quotations, closed or not, are one token each; so a ";" in them ends nothing.
TOKEN = re.compile(
    r"--[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
    r"|'(?:[^'\\]|\\.)*+'?|\"[^\"]*\"?|`[^`]*`?"
    r"|(?P<tag>\$\w*\$)"
    r"|(?P<delimiter>(?im:^[ \t]*DELIMITER[ \t]+(?P<mark>\S+)))"
    r"|(?P<batch>(?im:^[ \t]*(?:GO|/)[ \t]*$))"
    r"|(?P<word>[A-Za-z_@#][\w$@#]*)|(?P<sign>[^\s\w])",
    re.DOTALL,
)
TAG = re.compile(r"\$\w*\$")
DELIMITED = re.compile(r"(?im)^[ \t]*DELIMITER[ \t]+(\S+)")
# END of these closes what was not counted when it opened.
UNCOUNTED = re.compile(r"(?i)\s{1,99}(?:IF|LOOP|WHILE|REPEAT|FOR)\b")
OPENERS = {"BEGIN", "CASE"}
TRANSACTION = re.compile(r"(?i)\s{1,99}(?:TRAN|TRANSACTION|WORK)\b")


@dataclass(slots=True)
class _Statement:
    """What is open at a moment. what: "TABLE", "" for what creates nothing with a name. depth: of
    BEGIN and CASE within a routine. has_bare_body: a body that is not quoted follows AS or IS."""

    start: int
    name: str = ""
    what: str = ""
    depth: int = 0
    has_block: bool = False
    has_bare_body: bool = False

    def is_routine(self) -> bool:
        return self.what in ROUTINES

    def ends_at_sign(self) -> bool:
        if not self.is_routine():
            return True
        is_open = self.what.startswith("PACKAGE") or (self.has_bare_body and not self.has_block)
        return self.depth == 0 and not is_open


def definitions(text: str) -> list[Definition]:
    """Tables, views, routines and their like, in characters, with the sign that ends them."""
    return list(_defined(text))


def _defined(text: str) -> Iterator[Definition]:
    mark = ";"
    statement: _Statement | None = None
    for match in _tokens(text):
        at = match.start()
        if match["delimiter"] or match["batch"]:
            yield from _closed(statement, at)
            statement, mark = None, match["mark"] or ";"
        elif match["word"]:
            if statement is None or _is_new(text, match, statement):
                yield from _closed(statement, at)
                statement = _opened(text, at)
            elif statement.is_routine():
                _count(text, match, statement)
        elif statement and _ends(text, at, mark, statement):
            yield from _closed(statement, at + len(mark))
            statement = None
    yield from _closed(statement, len(text.rstrip()))


def _opened(text: str, at: int) -> _Statement:
    created = CREATED.match(text, at)
    if not created or not created["name"]:
        return _Statement(at)
    what = " ".join(created["what"].upper().split())
    name = re.sub(r"[\"`\[\]]", "", created["name"])[:NAME_CHARACTERS]
    return _Statement(at, name, what)


def _ends(text: str, at: int, mark: str, statement: _Statement) -> bool:
    return text.startswith(mark, at) and (mark != ";" or statement.ends_at_sign())


def _is_new(text: str, word: re.Match[str], statement: _Statement) -> bool:
    """Whether a statement begins although none ended: a routine without a block is over where
    something else is created at the beginning of a line."""
    at = word.start()
    return (
        word["word"].upper() == "CREATE"
        and statement.depth == 0
        and (at == 0 or text[at - 1] in "\r\n")
    )


def _count(text: str, match: re.Match[str], statement: _Statement) -> None:
    word = match["word"].upper()
    if word in OPENERS and not TRANSACTION.match(text, match.end()):
        statement.depth += 1
        statement.has_block = True
    elif word == "END" and not UNCOUNTED.match(text, match.end()):
        statement.depth = max(0, statement.depth - 1)
    elif word in ("AS", "IS") and not statement.has_block:
        following = text[match.end() : match.end() + 99].lstrip()[:1]
        statement.has_bare_body |= following not in ("$", "'", "")


def _closed(statement: _Statement | None, end: int) -> Iterator[Definition]:
    if statement and statement.name and end > statement.start:
        yield Definition(statement.start, end, statement.name)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Words and signs outside of comments and quotations."""
    marks = {match[1] for match in DELIMITED.finditer(text)}
    tags: dict[str, list[int]] = defaultdict(list)
    for match in TAG.finditer(text):
        tags[match[0]].append(match.start())
    position = 0
    while token := TOKEN.search(text, position):
        position = token.end()
        if (tag := token["tag"]) and tag not in marks:
            places = tags[tag]
            following = bisect_right(places, token.start())
            if following < len(places):
                position = places[following] + len(tag)
        elif token.lastgroup:
            yield token
