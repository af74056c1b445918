"""Which of the offered tools may or must be called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from trinax.errors import InvalidRequest
from trinax.models.ports import Tool, Tools

TOOLS_LIMIT = 256
# OpenAI's rule, and the dots and colons of servers that prefix the names of their tools.
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
Mode = Literal["auto", "none", "required"]


@dataclass(frozen=True, slots=True)
class Choice:
    """mode: "named" is one call of `name`. only: those that may be called in this request, None
    for all."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The fields that tools and choice came in, for messages."""

    tools: str = "tools"
    choice: str = "tool_choice"


def chosen(
    offered: Sequence[Tool], choice: Choice, parallel: bool = True, places: Places = Places()
) -> Tools:
    """Raises InvalidRequest for two tools of one name, and for a choice that cannot be made."""
    names = {tool.name for tool in offered}
    if len(names) < len(offered):
        raise InvalidRequest(f"{places.tools!r} holds two tools of one name.", places.tools)
    if choice.mode == "required" and not offered:
        reason = f"{places.choice!r} needs {places.tools!r} to choose from."
        raise InvalidRequest(reason, places.choice)
    wanted = [choice.name] if choice.mode == "named" else choice.only or ()
    for name in wanted:
        if name not in names:
            reason = f"{places.choice!r} names {name!r}, which is not in {places.tools!r}."
            raise InvalidRequest(reason, places.choice)
    allowed = tuple(tool for tool in offered if choice.only is None or tool.name in choice.only)
    return Tools(allowed, choice.mode, choice.name, parallel) if allowed else Tools()
