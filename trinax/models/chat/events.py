"""What an answer turns out to say and to call."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from trinax.models.ports import Channel, Tool


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Called:
    """A part of a tool call. id and name come once, with the first part; arguments are appended."""

    index: int
    id: str
    name: str
    arguments: str


Event = Said | Called


class Events:
    """Collects what is read of one answer.

    White space counts within a channel only: what stands between reasoning, calls and answer is
    layout.
    """

    def __init__(self, tools: Iterable[Tool], single: bool) -> None:
        """single: a second call and what follows it do not count."""
        self._single = single
        self.tools = {tool.name: tool for tool in tools}
        self._events: list[Event] = []
        self._last: Channel | Literal["call"] | None = None
        self._begins = False  # nothing but white space came since the channel changed
        self._space = ""  # at the end of what was said
        self.calls = 0

    @property
    def full(self) -> bool:
        return self._single and self.calls > 0

    def answer(self, text: str) -> None:
        self._say(text, "answer")

    def reason(self, text: str) -> None:
        self._say(text, "reasoning")

    def call(self, name: str) -> None:
        """A call begins; arguments() are its."""
        self._last, self._space = "call", ""
        if not self.full:
            self._events.append(Called(self.calls, f"call_{uuid4().hex[:24]}", name, ""))
        self.calls += 1

    def arguments(self, text: str) -> None:
        if text and not (self._single and self.calls > 1):
            self._events.append(Called(self.calls - 1, "", "", text))

    def taken(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def end(self) -> None:
        if self._last == "answer" and self._space:
            self._events.append(Said(self._space, "answer"))
        self._space = ""

    def _say(self, text: str, channel: Channel) -> None:
        if channel != self._last:
            self._begins = self._last is not None or channel == "reasoning"
            self._last, self._space = channel, ""
        text = self._space + (text.lstrip() if self._begins else text)
        said = text.rstrip()
        self._space = text[len(said) :]
        if said:
            self._begins = False
            self._events.append(Said(said, channel))
