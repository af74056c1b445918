"""Calls as a name and a JSON object of arguments, told apart by marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trinax.models.chat.events import Events
from trinax.models.chat.jsontext import json_object
from trinax.models.chat.lark import Lark, arguments_schema, either
from trinax.models.chat.stream import SPACE, Stream, Wait
from trinax.models.ports import Tool

NAME = re.compile(r"[\w./-]+")
COUNT = re.compile(r"[:\d]+")


@dataclass(frozen=True, slots=True)
class Named:
    """`open` name `middle` {…} `close` for each call, all between the two of `section`.

    Mistral, DeepSeek up to V3.1, Kimi, Functionary. numbered: the name has a count behind it.
    identified: the mark of a call's own id between name and middle.
    """

    open: str
    middle: str
    close: str = ""
    section: tuple[str, str] = ("", "")
    numbered: bool = False
    identified: str = ""

    @property
    def bare(self) -> bool:
        return False

    @property
    def begins(self) -> tuple[str, ...]:
        return (self.section[0] or self.open,)

    @property
    def marks(self) -> tuple[str, ...]:
        literal = " ".join((self.open, self.middle, self.close, *self.section, self.identified))
        return tuple(re.findall(r"<[^<>\s]+>|\[[A-Z_]+\]", literal))

    def read(self, stream: Stream, events: Events) -> Wait[bool]:
        again = not self.section[0] or (yield from stream.skip(self.open))
        if not again:
            return False
        while again:
            name = yield from self._name(stream)
            if name not in events.tools or not (yield from self._arguments(stream, events, name)):
                return False
            stream.keep()
            yield from stream.skip(*self.close.split())
            stream.keep()
            again = yield from stream.skip(self.open)
        yield from stream.skip(self.section[1])
        return True

    def written(self, calls: Sequence[tuple[str, str]]) -> str:
        count = ":0" if self.numbered else ""
        each = (f"{self.open}{name}{count}{self.middle}{text}{self.close}" for name, text in calls)
        return "".join((self.section[0], *each, self.section[1]))

    def rule(self, lark: Lark, tools: Sequence[Tool], parallel: bool) -> str:
        count = " /:[0-9]{1,3}/" if self.numbered else ""
        heads = [
            f"{lark.text(tool.name)}{count} {lark.text(self.middle)} "
            f"{lark.json(arguments_schema(tool))}"
            for tool in tools
        ]
        one, opening = lark.rule(f"{either(heads)} {lark.text(self.close)}"), lark.text(self.open)
        more = f"({opening} {one})*" if parallel else ""
        if self.section[0]:
            return f"{opening} {one} {more} {lark.text(self.section[1])}"
        return f"{one} {more}"

    def _name(self, stream: Stream) -> Wait[str]:
        yield from stream.whole(SPACE)
        name = yield from stream.whole(NAME)
        if self.numbered:
            yield from stream.whole(COUNT)
        if self.identified and (yield from stream.skip(self.identified)):
            yield from stream.whole(NAME)
        return name

    def _arguments(self, stream: Stream, events: Events, name: str) -> Wait[bool]:
        if not (yield from stream.skip(*self.middle.split())):
            return False
        yield from stream.whole(SPACE)
        if not (yield from stream.goes_on("{")):
            return False
        events.call(name)
        return (yield from json_object(stream, events.arguments))
