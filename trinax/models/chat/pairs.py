"""Calls in Gemma's own notation: call:name{key:value,…} with strings between marks."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trinax.errors import UnsupportedParameter
from trinax.models.chat.events import Events
from trinax.models.chat.jsontext import escaped
from trinax.models.chat.lark import Lark, either
from trinax.models.chat.stream import SPACE, Stream, Wait
from trinax.models.chat.tagged import GENERIC
from trinax.models.ports import Tool

NAME = re.compile(r"[\w./-]+")
KEY = re.compile(r"[^:{}\[\],<>]+")
SCALAR = re.compile(r"[^,{}\[\]<]+")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
SCALARS = {
    "integer": r"/-?(0|[1-9][0-9]{0,14})/",
    "number": r"/-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?/",
    "boolean": '("true" | "false")',
    "null": '"null"',
}
MEMBER = '/[A-Za-z_][A-Za-z0-9_]*/ ":" any_value'
FREE_OBJECT = f'"{{" ({MEMBER} ("," {MEMBER})*)? "}}"'
COMBINING = {"anyOf", "oneOf", "allOf", "$ref", "not", "if", "patternProperties"}


@dataclass(frozen=True, slots=True)
class Pairs:
    """quote: the mark on both sides of a string."""

    open: str
    close: str
    quote: str

    @property
    def bare(self) -> bool:
        return False

    @property
    def begins(self) -> tuple[str, ...]:
        return (self.open,)

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.open, self.close, self.quote)

    def read(self, stream: Stream, events: Events) -> Wait[bool]:
        if not (yield from stream.skip("call:")):
            return False
        name = yield from stream.whole(NAME)
        if name not in events.tools or not (yield from stream.goes_on("{")):
            return False
        events.call(name)
        if not (yield from self._object(stream, events)):
            return False
        stream.keep()
        yield from stream.skip(self.close)
        return True

    def written(self, calls: Sequence[tuple[str, str]]) -> str:
        return GENERIC.written(calls)  # templates of these families know calls

    def rule(self, lark: Lark, tools: Sequence[Tool], parallel: bool) -> str:
        calls = []
        for tool in tools:
            parameters = {"type": "object", **tool.parameters}
            calls.append(f"{lark.text(f'call:{tool.name}')} {self._typed(lark, tool, parameters)}")
        one = lark.rule(f"{either(calls)} {lark.text(self.close)}")
        return f"{one} ({lark.text(self.open)} {one})*" if parallel else one

    def _value(self, stream: Stream, events: Events) -> Wait[bool]:
        """Write a value as JSON; False where it does not go on as one."""
        yield from stream.whole(SPACE)
        if (yield from stream.skip(self.quote)):
            return (yield from self._string(stream, events))
        if (yield from stream.goes_on("{")):
            return (yield from self._object(stream, events))
        if (yield from stream.goes_on("[")):
            return (yield from self._array(stream, events))
        text = (yield from stream.whole(SCALAR)).strip()
        is_json = NUMBER.fullmatch(text) or text in ("true", "false", "null")
        if text:
            _write(stream, events, text if is_json else f'"{escaped(text)}"')
        return bool(text)

    def _string(self, stream: Stream, events: Events) -> Wait[bool]:
        _write(stream, events, '"')
        ended = yield from stream.until((self.quote,), lambda text: events.arguments(escaped(text)))
        _write(stream, events, '"' if ended else "")
        return bool(ended)

    def _object(self, stream: Stream, events: Events) -> Wait[bool]:
        _write(stream, events, (yield from stream.take()))
        more = not (yield from stream.skip("}"))
        while more:
            quoted = yield from stream.skip(self.quote)
            key = (yield from stream.whole(KEY)).strip()
            if quoted:
                yield from stream.skip(self.quote)
            if not (yield from stream.skip(":")):
                return False
            _write(stream, events, f'"{escaped(key)}": ')
            if not (yield from self._value(stream, events)):
                return False
            more = yield from stream.skip(",")
            if more:
                _write(stream, events, ", ")
            elif not (yield from stream.skip("}")):
                return False
        _write(stream, events, "}")
        return True

    def _array(self, stream: Stream, events: Events) -> Wait[bool]:
        _write(stream, events, (yield from stream.take()))
        more = not (yield from stream.skip("]"))
        while more:
            if not (yield from self._value(stream, events)):
                return False
            more = yield from stream.skip(",")
            if more:
                _write(stream, events, ", ")
            elif not (yield from stream.skip("]")):
                return False
        _write(stream, events, "]")
        return True

    def _typed(self, lark: Lark, tool: Tool, schema: Any) -> str:
        """An expression for values that match a schema."""
        known = isinstance(schema, Mapping) and not set(schema) & COMBINING
        kinds = schema.get("type", ()) if known else ()
        if known and "enum" in schema:
            return either([self._fixed(lark, value) for value in schema["enum"]])
        if isinstance(kinds, str):
            return lark.rule(self._of_type(lark, tool, kinds, schema))
        if kinds:
            return either([self._of_type(lark, tool, kind, schema) for kind in kinds])
        if tool.strict and not known:
            reason = "the notation of this model cannot be held to a schema that combines others"
            raise UnsupportedParameter("tools", f"{tool.name}: {reason}")
        return self._free(lark)

    def _of_type(self, lark: Lark, tool: Tool, kind: str, schema: Mapping[str, Any]) -> str:
        if kind == "string":
            return self._text(lark)
        if kind == "array":
            item = self._typed(lark, tool, schema.get("items", {}))
            return f'"[" ({item} ("," {item})*)? "]"'
        if kind == "object" and isinstance(schema.get("properties"), Mapping):
            return f'"{{" {self._members(lark, tool, schema)} "}}"'
        if kind not in SCALARS:
            self._free(lark)
        return SCALARS.get(kind, FREE_OBJECT)

    def _members(self, lark: Lark, tool: Tool, schema: Mapping[str, Any]) -> str:
        required = schema.get("required", ())
        first, later = '""', '""'  # what can follow, with nothing before and with a member before
        for key, value in reversed(schema["properties"].items()):
            member = f"{lark.text(f'{key}:')} {self._typed(lark, tool, value)}"
            without = key not in required
            first, later = (
                lark.rule(f"{member} {later}" + (f" | {first}" if without else "")),
                lark.rule(f'"," {member} {later}' + (f" | {later}" if without else "")),
            )
        return first

    def _fixed(self, lark: Lark, value: Any) -> str:
        if isinstance(value, str):
            return lark.text(f"{self.quote}{value}{self.quote}")
        return lark.text(json.dumps(value))

    def _text(self, lark: Lark) -> str:
        return f"{lark.text(self.quote)} {lark.until(self.quote)}"

    def _free(self, lark: Lark) -> str:
        array = '"[" (any_value ("," any_value)*)? "]"'
        choices = (self._text(lark), array, FREE_OBJECT, *SCALARS.values())
        return lark.named("any_value", " | ".join(choices))


def _write(stream: Stream, events: Events, text: str) -> None:
    """Arguments; what was read for them is none of the answer."""
    events.arguments(text)
    stream.keep()
