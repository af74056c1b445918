"""Calls as JSON objects with a name and arguments, mostly between tags."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trinax.models.chat.events import Events
from trinax.models.chat.jsontext import json_object, json_scalar, json_string, key
from trinax.models.chat.lark import GAP, Lark, arguments_schema, either
from trinax.models.chat.spans import tojson
from trinax.models.chat.stream import SPACE, Stream, Wait
from trinax.models.ports import Tool

ARGUMENTS = ("arguments", "parameters")
FIELDS = ("name", "arguments", "id", "type")


@dataclass(frozen=True, slots=True)
class Tagged:
    """{"name": …, "arguments": {…}}, alone or in a list, between `open` and `close`.

    Hermes and Qwen, Llama 3 (whose tag is optional), Mistral up to Nemo, Phi 4, Granite.
    Without tags it is a call too, where an answer begins with it. gap: what stands between tag
    and object. bare: the model writes no tag.
    """

    open: str
    close: str = ""
    arguments: str = "arguments"
    listed: bool = False
    gap: str = ""
    bare: bool = False

    @property
    def begins(self) -> tuple[str, ...]:
        return (self.open,)

    @property
    def marks(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.open, self.close)))

    def read(self, stream: Stream, events: Events) -> Wait[bool]:
        listed = yield from stream.skip("[")
        again = True
        while again:
            if not (yield from _call(stream, events)):
                return False
            stream.keep()
            again = yield from stream.skip("," if listed else ";")
        if listed:
            yield from stream.skip("]")
        if self.close:
            yield from stream.skip(self.close)
        return True

    def written(self, calls: Sequence[tuple[str, str]]) -> str:
        objects = [
            f'{{"name": {tojson(name)}, "{self.arguments}": {text}}}' for name, text in calls
        ]
        if self.listed:
            return f"{self.open}[{', '.join(objects)}]{self.close}"
        before, after = ("", "") if self.bare else (self.open + self.gap, self.gap + self.close)
        return "\n".join(f"{before}{one}{after}" for one in objects)

    def rule(self, lark: Lark, tools: Sequence[Tool], parallel: bool) -> str:
        one = lark.rule(either([self._object(lark, tool) for tool in tools]))
        if self.listed:
            more = f' (", " {one})*' if parallel else ""
            return f'"[" {one}{more} "]" {lark.text(self.close)}'
        call = f"{lark.text(self.gap)} {one} {lark.text(self.gap + self.close)}"
        return f"{call} ({GAP} {lark.text(self.open)} {call})*" if parallel and self.close else call

    def _object(self, lark: Lark, tool: Tool) -> str:
        head = f'{{"name": {json.dumps(tool.name)}, "{self.arguments}": '
        return f'{lark.text(head)} {lark.json(arguments_schema(tool))} "}}"'


GENERIC = Tagged("<tool_call>", "</tool_call>", gap="\n")


def _call(stream: Stream, events: Events) -> Wait[bool]:
    """One object. It is a call from where a known name and the start of arguments stand."""
    if not (yield from stream.skip("{")):
        return False
    found: dict[str, str] = {}
    while (field := (yield from key(stream))) is not None:
        field = "arguments" if field in ARGUMENTS else field
        yield from stream.whole(SPACE)
        if field == "arguments" and "name" in found and (yield from stream.goes_on("{")):
            events.call(found["name"])
            yield from json_object(stream, events.arguments)
            return (yield from _rest(stream))
        found[field] = yield from _value(stream)
        if field not in FIELDS or found.get("name") not in {None, *events.tools}:
            return False
        if not (yield from stream.skip(",")):
            break
    return (yield from stream.skip("}")) and _called(found, events)


def _called(found: Mapping[str, str], events: Events) -> bool:
    """A call that is complete, its arguments before the name, inside a string, or null."""
    name, arguments = found.get("name", ""), found.get("arguments", "").strip()
    arguments = "{}" if arguments == "null" else arguments
    if not name or not arguments.startswith("{"):
        return False
    events.call(name)
    events.arguments(arguments)
    return True


def _value(stream: Stream) -> Wait[str]:
    """An object or a scalar as written, what a string says; "" if there is none."""
    parts: list[str] = []
    if (yield from json_object(stream, parts.append)):
        return "".join(parts)
    if (yield from stream.goes_on('"')):
        return (yield from json_string(stream)) or ""
    return (yield from json_scalar(stream))


def _rest(stream: Stream) -> Wait[bool]:
    """What stands behind the arguments: an id, say, and the end of the object."""
    stream.keep()
    while (yield from stream.skip(",")):
        if (yield from key(stream)) not in FIELDS:
            return False
        yield from stream.whole(SPACE)
        yield from _value(stream)
    yield from stream.skip("}")
    return True
