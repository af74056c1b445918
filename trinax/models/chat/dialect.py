"""How models write answers: reasoning, calls and text, told apart by their marks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from trinax.models.chat.events import Events
from trinax.models.chat.lark import ANY, GAP, Lark, either
from trinax.models.chat.notation import Notation
from trinax.models.chat.stream import SPACE, Stream, Wait
from trinax.models.ports import JsonFormat, Tool, Tools


class Dialect(Protocol):
    """Implemented by Marked and Harmony."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What may be special tokens that say something about the answer."""

    @property
    def stop(self) -> tuple[str, ...]:
        """What ends an answer beside the tokens that do."""

    def tell(self, calls: Sequence[tuple[str, str]]) -> str:
        """Calls, by name and arguments, as the model would write them."""

    def opening(self, prompt: str) -> str:
        """What at the end of a prompt belongs to the answer."""

    @property
    def thought(self) -> tuple[str, str] | None:
        """The marks around reasoning at the beginning of an answer, if it is written so."""

    def read(self, stream: Stream, events: Events) -> Wait[None]:
        """Read a whole answer, from its opening on."""

    def rule(self, lark: Lark, asked: "Asked", opening: str) -> str:
        """An expression for the answers that may follow an opening."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is held to. calls: it is calls. json: if not, it is JSON. Else it is any text
    and calls."""

    tools: tuple[Tool, ...] = ()
    calls: bool = False
    json: JsonFormat | None = None
    parallel: bool = True


def asked(tools: Tools, json_format: JsonFormat | None) -> Asked | None:
    """None where nothing is forced. Tools that are not strict take any arguments if called."""
    if tools.choice in ("required", "named"):
        named = [tool for tool in tools.tools if tools.choice != "named" or tool.name == tools.name]
        return Asked(tuple(named), calls=True, parallel=tools.parallel)
    offered = tools.tools if tools.choice == "auto" else ()
    if json_format is None and not any(tool.strict for tool in offered):
        return None
    loose = [tool if tool.strict else replace(tool, parameters={}) for tool in offered]
    return Asked(tuple(loose), json=json_format, parallel=tools.parallel)


@dataclass(frozen=True, slots=True)
class Marked:
    """Text with reasoning before it and calls anywhere in it.

    thought: what begins and ends reasoning. notations: the model's own way to write calls first.
    """

    notations: tuple[Notation, ...]
    thought: tuple[str, str] | None = None
    stop: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        calls = [mark for notation in self.notations for mark in notation.marks]
        words = (word for mark in self.thought or () for word in mark.split())
        return (*calls, *map(_mark, words), *self.stop)

    def tell(self, calls: Sequence[tuple[str, str]]) -> str:
        return self.notations[0].written(calls)

    def opening(self, prompt: str) -> str:
        begin = self.thought[0].rstrip() if self.thought else ""
        _, found, after = prompt.rpartition(begin) if begin else ("", "", "")
        return found + after if found and not after.strip() else ""

    def read(self, stream: Stream, events: Events) -> Wait[None]:
        yield from self._reasoning(stream, events)
        by_mark = {mark: one for one in self.notations[::-1] for mark in one.begins}
        begins = tuple(by_mark) if events.tools else ()
        if begins:
            yield from self._bare(stream, events, begins)
        while mark := (yield from stream.until(begins, events.answer)):
            stream.keep(mark)
            called = yield from by_mark[mark].read(stream, events)
            if events.full:
                return
            events.answer("" if called else stream.kept())
            yield from self._reasoning(stream, events)

    def rule(self, lark: Lark, asked: Asked, opening: str) -> str:
        return f"{self._thoughts(lark, opening)} {either(self._choices(lark, asked))}"

    def _choices(self, lark: Lark, asked: Asked) -> list[str]:
        own = self.notations[0]
        calls = own.rule(lark, asked.tools, asked.parallel) if asked.tools else ""
        called = [f"{lark.text(own.begins[0])} {calls}"] if calls else []
        if calls and own.bare:
            called.append(calls)
        if asked.calls:
            return called[-1:]
        if asked.json:
            # A bare call begins as the JSON does, and llguidance decides at its first character.
            return [lark.json(asked.json.schema), *called[:1]]
        if own.bare:
            return [lark.rule(r"/([^{](.|\n)*)?/"), *called]
        more = "*" if asked.parallel else "?"
        return [f"({lark.until(own.begins[0])} {calls}){more} {lark.rule(ANY)}"]

    def _thoughts(self, lark: Lark, opening: str) -> str:
        if not self.thought:
            return ""
        inside = f"{lark.until(self.thought[1])} {GAP}"
        return inside if opening else f"({lark.text(self.thought[0])} {inside})?"

    def _reasoning(self, stream: Stream, events: Events) -> Wait[None]:
        events.answer((yield from stream.whole(SPACE)))
        if self.thought and (yield from stream.skip(self.thought[0].rstrip())):
            yield from stream.until((self.thought[1],), events.reason)

    def _bare(self, stream: Stream, events: Events, begins: Sequence[str]) -> Wait[None]:
        """Calls without their tags, where an answer begins with them."""
        for mark in begins:
            if (yield from stream.goes_on(mark)):
                return
        if (yield from stream.goes_on("{")) or (yield from stream.goes_on("[")):
            stream.keep()
            called = yield from self.notations[-1].read(stream, events)
            events.answer("" if called else stream.kept())


def _mark(word: str) -> str:
    """The token that a mark begins with: "<|channel>" of "<|channel>thought"."""
    return word[: word.index(">") + 1] if word.startswith("<") and ">" in word else word
