"""Tools in the body of POST /v1/responses: functions, and the searches that are made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Tool, Tools
from trinax.web.declaring.body import Body
from trinax.web.openai.choosing import TOOLS_LIMIT, Choice, Mode, ToolName, chosen

NO_FILTERS = "a search here cannot be narrowed by the request"
# Of a search of the web or of files: they have no effect.
SEARCH_OPTIONS = (
    "search_context_size",
    "user_location",
    "max_num_results",
    "ranking_options",
)


class ResponseTool(Body):
    """type: "function" (name, description, parameters, strict), "web_search" and its kin, or
    "file_search" (vector_store_ids: collections); others are refused. external_web_access: false
    asks for what a server has stored of the web, which this one has not."""

    type: str
    name: ToolName | None = None
    description: str = ""
    parameters: dict[str, Any] = Field({})
    strict: bool = False
    vector_store_ids: list[str] = Field([])
    external_web_access: bool = True
    filters: Any = None
    search_context_size: Any = None
    user_location: Any = None
    max_num_results: Any = None
    ranking_options: Any = None

    @property
    def searches_web(self) -> bool:
        return self.type.startswith("web_search")

    @property
    def searches_files(self) -> bool:
        return self.type == "file_search"


class ResponseToolName(Body):
    type: str = "function"
    name: str = ""


class ResponseToolChoice(Body):
    """One function by its name, "allowed_tools" (mode, tools), or a search, which is made
    anyway."""

    type: str
    name: str = ""
    mode: Literal["auto", "required"] = "auto"
    tools: list[ResponseToolName] = Field([])


class ResponseToolsBody(Body):
    tools: list[ResponseTool] = Field([], max_length=TOOLS_LIMIT)
    tool_choice: Mode | ResponseToolChoice = "auto"
    parallel_tool_calls: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """collections: those that file_search is to look in. ignored: as in ResponseRequest."""

    tools: Tools
    web: bool
    collections: tuple[str, ...]
    ignored: tuple[str, ...]


def offer(asked: ResponseToolsBody) -> Offer:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    functions = [
        _function(tool, f"tools[{number}]")
        for number, tool in enumerate(asked.tools)
        if not (tool.searches_web or tool.searches_files)
    ]
    searches = [
        (tool, f"tools[{number}]")
        for number, tool in enumerate(asked.tools)
        if tool.searches_web or tool.searches_files
    ]
    stores = [store for tool, _ in searches for store in tool.vector_store_ids]
    return Offer(
        tools=chosen(functions, _choice(asked, functions), asked.parallel_tool_calls),
        web=any(tool.searches_web and tool.external_web_access for tool, _ in searches),
        collections=tuple(dict.fromkeys(stores)),
        ignored=tuple(name for tool, place in searches for name in _ignored(tool, place)),
    )


def _function(tool: ResponseTool, place: str) -> Tool:
    if tool.type != "function":
        raise UnsupportedParameter(f"{place}.type", f"no tool {tool.type!r} is known here")
    if tool.name is None:
        raise InvalidRequest(f"'{place}.name' is missing.", f"{place}.name")
    return Tool(tool.name, tool.description, tool.parameters, tool.strict)


def _ignored(tool: ResponseTool, place: str) -> list[str]:
    # Without them the answer would rest on what it was not to rest on.
    if tool.given("filters"):
        raise UnsupportedParameter(f"{place}.filters", NO_FILTERS)
    if tool.searches_files and not tool.vector_store_ids:
        name = f"{place}.vector_store_ids"
        raise InvalidRequest(f"{name!r} must name at least one collection.", name)
    unread = [] if tool.external_web_access else ["external_web_access"]
    given = [name for name in SEARCH_OPTIONS if tool.given(name)]
    return [f"{place}.{name}" for name in (*unread, *given)]


def _choice(asked: ResponseToolsBody, functions: Sequence[Tool]) -> Choice:
    choice = asked.tool_choice
    if isinstance(choice, str):
        # A search alone is made in any case.
        searched = bool(asked.tools) and not functions
        return Choice("auto" if choice == "required" and searched else choice)
    if choice.type == "function":
        return Choice("named", choice.name)
    if choice.type == "allowed_tools":
        names = [tool.name for tool in choice.tools if tool.type == "function"]
        return Choice(choice.mode if names else "auto", only=tuple(names))
    if choice.type.startswith("web_search") or choice.type == "file_search":
        return Choice()
    raise UnsupportedParameter("tool_choice.type", f"no tool {choice.type!r} is known here")
