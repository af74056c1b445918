"""Grammars as llguidance reads them, see docs/syntax.md in its repository."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from trinax.models.ports import JsonSchema, Tool

ANY = r"/(.|\n)*/"
# Between two parts of JSON. Models write a blank, or a line and its indent; one that may write any
# white space can write it for ever.
SPACE = "( |\n[ \t]{0,24})"
GAP = r"/[ \t\n]{0,4}/"


class Lark:
    """Rules of a grammar being written.

    specials: marks that are tokens of their own, which no text matches, and their ids.
    """

    def __init__(self, specials: Mapping[str, int]) -> None:
        self._specials = specials
        self._marks = re.compile(
            "|".join(map(re.escape, sorted(specials, key=len)[::-1])) or "(?!)"
        )
        self._rules: list[str] = []

    def text(self, text: str) -> str:
        """An expression for exactly this text."""
        parts, end = list[str](), 0
        for mark in self._marks.finditer(text):
            parts += [_quoted(text[end : mark.start()]), f"<[{self._specials[mark[0]]}]>"]
            end = mark.end()
        return " ".join(filter(None, [*parts, _quoted(text[end:])])) or '""'

    def json(self, schema: JsonSchema) -> str:
        """An expression for JSON that matches the schema; {} is any object."""
        hints = {"whitespace_pattern": SPACE, **schema.get("x-guidance", {})}
        held = {**(schema or {"type": "object"}), "x-guidance": hints}
        return self.rule(f"%json {json.dumps(held)}")

    def until(self, mark: str) -> str:
        """An expression for any text up to the mark, which it ends with."""
        special = self._marks.search(mark)
        if not special:
            return self.rule(f"{ANY} {_quoted(mark)}", "lazy")
        before = mark[: special.start()]
        name = f"T{len(self._rules)}"  # in capitals: one lexeme, which can end in what it repeats
        self._rules.append(f"{name}: {ANY} {_quoted(before)}")
        return f"{name} {self.text(mark[special.start() :])}"

    def rule(self, body: str, option: str = "") -> str:
        name = f"r{len(self._rules)}"
        self._rules.append(f"{name}{f'[{option}]' if option else ''}: {body}")
        return name

    def named(self, name: str, body: str) -> str:
        """A rule that may refer to itself; the same name is the same rule."""
        if not any(rule.startswith(f"{name}: ") for rule in self._rules):
            self._rules.append(f"{name}: {body}")
        return name

    def whole(self, start: str) -> str:
        """The grammar that begins with this expression."""
        return "\n".join(["%llguidance {}", f"start: {start}", *self._rules])


def either(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"({' | '.join(choices)})"


def arguments_schema(tool: Tool) -> dict[str, Any]:
    """A tool's parameters, which are an object's whether they say so or not."""
    lenient = {} if tool.strict else {"x-guidance": {"lenient": True}}
    return {"type": "object", **tool.parameters, **lenient}


def _quoted(text: str) -> str:
    return json.dumps(text) if text else ""
