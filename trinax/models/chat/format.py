"""A model's way of chatting: messages to a prompt, and what it writes to what it means."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trinax.errors import InvalidRequest
from trinax.models.chat import turns as shapes
from trinax.models.chat.dialect import Dialect, asked
from trinax.models.chat.events import Event, Events
from trinax.models.chat.families import dialect
from trinax.models.chat.lark import Lark
from trinax.models.chat.nesting import LEVELS_LIMIT, levels
from trinax.models.chat.rendering import Template
from trinax.models.chat.spans import JsonList, Span, Texts
from trinax.models.chat.stream import Stream
from trinax.models.chat.turns import Turn
from trinax.models.ports import JsonFormat, Message, Tools

# Ways in which templates ask for an id of nine letters, and for no content instead of "".
SHORT_IDS = re.compile(r"length\s*[!=]=\s*9")
NO_CONTENT = re.compile(r"\bcontent['\"]?\]? is not none")
NO_TOOLS = Tools()
# What a walk through something that is no JSON schema runs into.
MALFORMED = (AttributeError, TypeError, ValueError, RecursionError)
NONE = re.compile(r"['\"]none['\"]")
EFFORT = re.compile(r"thinking|reasoning_effort")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt. opening: its last part, if the template has begun the answer there."""

    spans: tuple[Span, ...]
    opening: str


class Parser:
    """Reads one answer as it comes, in any pieces.

    done: the one call that was allowed is complete; nothing more is read.
    """

    def __init__(self, dialect: Dialect, tools: Tools, opening: str) -> None:
        offered = tools.tools if tools.choice != "none" else ()
        self._stream = Stream()
        self._events = Events(offered, single=not tools.parallel)
        self._reading = dialect.read(self._stream, self._events)
        self.done = False
        self.feed(opening)

    def feed(self, text: str) -> list[Event]:
        self._stream.feed(text)
        return self._read()

    def finish(self) -> list[Event]:
        """What was held back; the answer ends."""
        self._stream.end()
        events = self._read()
        self._events.end()
        return events + self._events.taken()

    def _read(self) -> list[Event]:
        try:
            next(self._reading)
        except StopIteration:
            self.done = True
        return self._events.taken()


class ChatFormat:
    """What a GGUF's template and vocabulary say about chats; thread-safe."""

    def __init__(
        self, source: str, bos: str = "", eos: str = "", marks: Collection[str] = ()
    ) -> None:
        """marks: texts of the vocabulary's special tokens. Afterwards `reasons` says whether the
        model thinks before it answers."""
        self._template = Template(source, bos, eos)
        self._dialect = dialect(source, marks)
        self._short_ids = bool(SHORT_IDS.search(source))
        self._no_content = bool(NO_CONTENT.search(source))
        self._tools_in_system = bool(re.search(r"message(\.|\[['\"])tools\b", source))
        self._knows_none = bool(NONE.search(source))
        self.reasons = bool(self._dialect.thought or EFFORT.search(source))
        self.marks = frozenset(self._dialect.marks) & frozenset(marks)

    @property
    def stop(self) -> tuple[str, ...]:
        """What ends an answer where no end-of-turn token does."""
        return self._dialect.stop if self._template.usable else ("\nUser:", "\nSystem:")

    def prompt(
        self, messages: Sequence[Message], tools: Tools = NO_TOOLS, reasoning: str | None = None
    ) -> Rendered:
        """The prompt up to where the assistant writes.

        Every message's text is in it, every call and every tool; reasoning of earlier turns only
        where the template wants it. reasoning: see Generation.
        """
        texts = Texts()
        thought = self._dialect.thought or ("", "")
        unmixed = [shapes.unmixed(message, *thought) for message in messages]
        turns = shapes.turns(unmixed, texts, self._short_ids)
        offered = shapes.offered(tools.tools if tools.choice != "none" else (), texts)
        rendered = self._rendered(turns, offered, texts, reasoning)
        spans = texts.spans(rendered)
        opening = self._dialect.opening(spans[-1].text) if spans and spans[-1].trusted else ""
        if reasoning == "none" and opening and self._dialect.thought:
            spans.append(Span(f"\n{thought[1]}\n\n", True))
            opening = ""
        return Rendered(tuple(spans), opening)

    def parser(self, tools: Tools = NO_TOOLS, opening: str = "") -> Parser:
        """For one answer to a prompt with these tools, which ended with this opening."""
        return Parser(self._dialect, tools, opening)

    def grammar(
        self,
        tools: Tools,
        json_format: JsonFormat | None,
        opening: str,
        specials: Mapping[str, int],
    ) -> str | None:
        """A grammar for llguidance of what may follow the opening, None where anything may.

        specials: marks that llguidance's tokenizer has as special tokens, and their ids.
        Raises InvalidRequest for a choice that was not offered, for what is no schema and for one
        that is nested too deeply,
        UnsupportedParameter for a strict schema that the model's notation cannot be held to.
        """
        wanted = asked(tools, json_format)
        if wanted is None:
            return None
        if wanted.calls and not wanted.tools:
            raise InvalidRequest(
                "'tool_choice' asks for a tool that is not in 'tools'.", "tool_choice"
            )
        param = "response_format" if wanted.json else "tools"
        schemas = [tool.parameters for tool in wanted.tools]
        if wanted.json:
            schemas.append(wanted.json.schema)
        lark = Lark(specials)
        try:
            if any(levels(schema) > LEVELS_LIMIT for schema in schemas):
                raise InvalidRequest(f"A schema in {param!r} is nested too deeply.", param)
            return lark.whole(self._dialect.rule(lark, wanted, opening))
        except MALFORMED as exc:
            raise InvalidRequest(f"A schema in {param!r} is not a JSON schema.", param) from exc

    def _rendered(
        self, turns: list[Turn], tools: JsonList, texts: Texts, reasoning: str | None
    ) -> str:
        wanted = [*shapes.wanted(turns, tools)]
        for options in self._options(reasoning):
            for shaped, native in shapes.attempts(turns, tools, self._dialect.tell):
                for talk in self._talks(shaped, native):
                    given = {"tools": native, "xml_tools": native} if native else {}
                    rendered = self._template.rendered({"messages": talk, **given, **options})
                    if texts.complete(rendered, wanted):
                        return rendered
        tell = self._dialect.tell
        return shapes.plain(shapes.with_tools_told(shapes.calls_as_text(turns, tell), tools, tell))

    def _talks(self, talk: list[Turn], tools: JsonList | None) -> list[list[Turn]]:
        if self._tools_in_system and tools:
            talk = shapes.with_tools_in_system(talk, tools)
        return [shapes.without_blanks(talk), talk] if self._no_content else [talk]

    def _options(self, reasoning: str | None) -> list[dict[str, Any]]:
        """The words that templates have for how much is to be thought; some refuse a level."""
        if reasoning is None:
            return [{}]
        thinks = reasoning != "none"
        level = reasoning if thinks or self._knows_none else "low"
        options: dict[str, Any] = {
            "enable_thinking": thinks,
            "thinking": thinks,
            "thinking_mode": "enabled" if thinks else "disabled",
            "thinking_option": "on" if thinks else "off",
        }
        options |= {} if thinks else {"thinking_budget": 0}
        return [{**options, "reasoning_effort": level, "thinking_effort": level}, options, {}]
