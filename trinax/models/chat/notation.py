"""How calls of functions are written: what each way of writing them can do."""

from collections.abc import Sequence
from typing import Protocol

from trinax.models.chat.events import Events
from trinax.models.chat.lark import Lark
from trinax.models.chat.stream import Stream, Wait
from trinax.models.ports import Tool


class Notation(Protocol):
    """Implemented by Tagged, Named, Parameters and Pairs."""

    @property
    def begins(self) -> tuple[str, ...]:
        """What stands before calls anywhere in an answer."""

    @property
    def bare(self) -> bool:
        """Whether the model writes calls without begins[0], where its answer begins."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that may be a special token."""

    def read(self, stream: Stream, events: Events) -> Wait[bool]:
        """Read calls. False where there turns out to be none, or no further one: what the stream
        kept is no call then.

        The stream stands behind one of `begins`, or where an answer begins.
        """

    def written(self, calls: Sequence[tuple[str, str]]) -> str:
        """Calls of names with arguments in JSON."""

    def rule(self, lark: Lark, tools: Sequence[Tool], parallel: bool) -> str:
        """An expression for calls of these tools, from behind begins[0]."""
