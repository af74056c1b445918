"""Calls whose arguments stand one by one between tags, as text."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trinax.errors import UnsupportedParameter
from trinax.models.chat.events import Events
from trinax.models.chat.jsontext import escaped
from trinax.models.chat.lark import GAP, Lark, either
from trinax.models.chat.stream import Stream, Wait
from trinax.models.chat.tagged import GENERIC
from trinax.models.ports import JsonSchema, Tool

NAME = re.compile(r"[\w./-]+")
KEY = re.compile(r"[^<>\"\n]+")
TYPED = '">'
# What else a schema of arguments can say than which there are; one by one they cannot follow it.
COMBINING = ("anyOf", "oneOf", "allOf", "$ref", "not", "if", "patternProperties")
TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """call[0] name call[1] (parameter[0] key parameter[1] value parameter[2])… call[2].

    Qwen 3 Coder, GLM, MiniMax, DeepSeek from V3.2. section: around all calls, or each of them.
    padded: values stand on lines of their own. typed: behind parameter[1] it says "true" or
    "false", whether the value is a string, and TYPED.
    """

    section: tuple[str, str]
    call: tuple[str, str, str]
    parameter: tuple[str, str, str]
    padded: bool = False
    typed: bool = False

    @property
    def bare(self) -> bool:
        return False

    @property
    def begins(self) -> tuple[str, ...]:
        return (self.section[0],)

    @property
    def marks(self) -> tuple[str, ...]:
        literal = " ".join((*self.section, *self.call, *self.parameter))
        return tuple(re.findall(r"<[^<>\s=]+>", literal))

    def read(self, stream: Stream, events: Events) -> Wait[bool]:
        again = yield from stream.skip(*self.call[0].split())
        while again:
            name = yield from stream.whole(NAME)
            if name not in events.tools or not (yield from stream.skip(*self.call[1].split())):
                return False
            if not (yield from self._arguments(stream, events, events.tools[name])):
                return False
            again = bool(self.call[0]) and (yield from stream.skip(*self.call[0].split()))
        return (yield from stream.skip(self.section[1]))

    def written(self, calls: Sequence[tuple[str, str]]) -> str:
        return GENERIC.written(calls)  # templates of these families know calls

    def rule(self, lark: Lark, tools: Sequence[Tool], parallel: bool) -> str:
        pad = "\n" if self.padded else ""
        calls = []
        for tool in tools:
            head = lark.text(f"{self.call[0]}{tool.name}{self.call[1]}\n")
            calls.append(f"{head} {self._values(lark, tool)} {lark.text(self.call[2] + pad)}")
        one = lark.rule(f"{lark.text(pad)} {either(calls)} {lark.text(self.section[1])}")
        more = f"({GAP} {lark.text(self.section[0])} {one})*" if parallel else ""
        return f"{one} {more}"

    def _arguments(self, stream: Stream, events: Events, tool: Tool) -> Wait[bool]:
        """False if they break off; what was kept is none of them then.

        It is a call from its first parameter on, or its end if it has none.
        """
        before = "{"
        while (yield from stream.skip(*self.parameter[0].split())):
            key = yield from stream.whole(KEY)
            types = _types(_properties(tool.parameters).get(key, {}))
            if not key or not (yield from stream.skip(*self.parameter[1].split())):
                return False
            if self.typed:
                types = {"string"} if (yield from stream.whole(NAME)) == "true" else {"object"}
                yield from stream.skip(TYPED)
            if before == "{":
                events.call(tool.name)
            events.arguments(f'{before}"{escaped(key)}": ')
            before = ", "
            ended = yield from self._value(stream, events, types)
            stream.keep()
            if not ended:
                return True  # the text breaks off
        if not (yield from stream.skip(*(self.call[2] or self.section[1]).split())):
            return False
        if before == "{":
            events.call(tool.name)
        events.arguments("{}" if before == "{" else "}")
        stream.keep()
        return True

    def _value(self, stream: Stream, events: Events, types: set[str]) -> Wait[bool]:
        """False if the text ends before the value does."""
        marks = [self.parameter[2]]
        if self.padded:
            marks.append("\n" + self.parameter[2])
            if (yield from stream.goes_on("\n")):
                yield from stream.take()
        if types == {"string"}:
            events.arguments('"')
            ended = yield from stream.until(marks, lambda text: events.arguments(escaped(text)))
            events.arguments('"' if ended else "")
            return bool(ended)
        parts: list[str] = []
        ended = yield from stream.until(marks, parts.append)
        events.arguments(_json("".join(parts), types))
        return bool(ended)

    def _values(self, lark: Lark, tool: Tool) -> str:
        schema = tool.parameters
        combined = next((word for word in COMBINING if word in schema), None)
        if combined and tool.strict:
            reason = f"this model writes arguments one by one, which {combined!r} cannot rule"
            raise UnsupportedParameter("tools", f"{tool.name}: {reason}")
        close = "\n" * self.padded + self.parameter[2]
        if not isinstance(schema.get("properties"), Mapping):
            return "" if tool.strict else self._free(lark, close)
        required = schema.get("required", ())
        parts = []
        for key, value in schema["properties"].items():
            part = lark.rule(self._given(lark, key, value, schema.get("$defs")))
            parts.append(part if key in required else f"{part}?")
        return " ".join(parts)

    def _free(self, lark: Lark, close: str) -> str:
        middle = self.parameter[1] + self._kind(False) + "\n" * self.padded
        head = f"{lark.text(self.parameter[0])} /[A-Za-z_][\\w.-]*/ {lark.text(middle)}"
        return f"({head} {lark.until(close)} {GAP})*"

    def _given(self, lark: Lark, key: str, schema: Any, definitions: Any) -> str:
        text = _types(schema) == {"string"}
        pad = "\n" * self.padded
        head = lark.text(f"{self.parameter[0]}{key}{self.parameter[1]}{self._kind(text)}{pad}")
        close = pad + self.parameter[2]
        if text and "enum" in schema:
            value = f"{either([lark.text(str(one)) for one in schema['enum']])} {lark.text(close)}"
        elif text:
            value = lark.until(close)
        else:
            shared = {"$defs": definitions} if definitions else {}
            value = f"{lark.rule(f'%json {json.dumps(schema | shared)}')} {lark.text(close)}"
        return f"{head} {value} {lark.text(chr(10))}"

    def _kind(self, text: bool) -> str:
        return ("true" if text else "false") + TYPED if self.typed else ""


def _properties(schema: JsonSchema) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _types(schema: Any) -> set[str]:
    """The JSON types that a schema names; none where it leaves them open."""
    if not isinstance(schema, Mapping):
        return set()
    named = schema.get("type")
    types = {one for one in (named, *_list(named)) if isinstance(one, str)}
    for choice in (*_list(schema.get("anyOf")), *_list(schema.get("oneOf"))):
        types |= _types(choice)
    values = [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
    return types or {TYPES.get(type(value), "null") for value in values}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(text: str, types: set[str]) -> str:
    """As JSON of one of the types if it reads as such, else as a string."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text, ensure_ascii=False)
    kind = "array" if isinstance(value, list) else TYPES.get(type(value), "null")
    fits = kind in types or (kind == "integer" and "number" in types) or "string" not in types
    return text.strip() if fits else json.dumps(text, ensure_ascii=False)
