"""Tools and the form of the answer in the body of POST /v1/chat/completions."""

from typing import Annotated, Any, Literal

from pydantic import Field

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Tool, Tools
from trinax.web.declaring.body import Body, Words
from trinax.web.openai.choosing import TOOLS_LIMIT, Choice, Mode, Places, ToolName, chosen


class ChatFunction(Body):
    """parameters: a JSON schema of the arguments object. strict: arguments must match it."""

    name: ToolName
    description: str = ""
    parameters: dict[str, Any] = Field({})
    strict: bool = False


class ChatTool(Body):
    """type: "function"; others are refused."""

    type: str = "function"
    function: ChatFunction | None = None


class ChatFunctionName(Body):
    name: Words


class ChatNamedTool(Body):
    type: Literal["function"] = "function"
    function: ChatFunctionName


class ChatAllowed(Body):
    mode: Literal["auto", "required"] = "auto"
    tools: Annotated[list[ChatNamedTool], Field(min_length=1, max_length=TOOLS_LIMIT)]


class ChatAllowedTools(Body):
    """Some of the tools, for this request."""

    type: Literal["allowed_tools"]
    allowed_tools: ChatAllowed


class ChatSchema(Body):
    json_schema: dict[str, Any] = Field(alias="schema")


class ChatFormat(Body):
    """json_schema: where type is "json_schema". schema: of an object, with "json_object"."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: ChatSchema | None = None
    # As llama-server takes it.
    object_schema: dict[str, Any] = Field({}, alias="schema")


class ToolsBody(Body):
    """What may be called, in the form of today (tools, tool_choice, parallel_tool_calls) or the
    older one (functions, function_call), which has one call at a time."""

    tools: list[ChatTool] = Field([], max_length=TOOLS_LIMIT)
    tool_choice: Mode | ChatNamedTool | ChatAllowedTools = "auto"
    parallel_tool_calls: bool = True
    functions: list[ChatFunction] = Field([], max_length=TOOLS_LIMIT)
    function_call: Mode | ChatFunctionName = "auto"

    @property
    def older(self) -> bool:
        """Whether tools come in the form that OpenAI has deprecated, and are answered in it."""
        return bool(self.functions) and not self.tools

    @property
    def unread(self) -> tuple[str, ...]:
        """What came in the other form, which has no effect beside this one."""
        other = ("tool_choice",) if self.older else ("functions", "function_call")
        return tuple(name for name in other if getattr(self, name) not in ("auto", "none", []))


def chat_tools(asked: ToolsBody) -> Tools:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    if asked.older:
        called = asked.function_call
        choice = Choice(called) if isinstance(called, str) else Choice("named", called.name)
        places = Places("functions", "function_call")
        return chosen(list(map(_tool, asked.functions)), choice, False, places)
    offered = [_tool(_function(tool, place)) for place, tool in enumerate(asked.tools)]
    return chosen(offered, _choice(asked), asked.parallel_tool_calls)


def json_format(asked: ChatFormat | None) -> JsonFormat | None:
    """Raises InvalidRequest where the schema is lacking."""
    if asked is None or asked.type == "text":
        return None
    if asked.type == "json_object":
        return JsonFormat(asked.object_schema)
    if asked.json_schema is None:
        place = "response_format.json_schema"
        raise InvalidRequest(f"{place!r} is missing.", place)
    return JsonFormat(asked.json_schema.json_schema)


def _choice(asked: ToolsBody) -> Choice:
    choice = asked.tool_choice
    if isinstance(choice, str):
        return Choice(choice)
    if isinstance(choice, ChatNamedTool):
        return Choice("named", choice.function.name)
    names = tuple(tool.function.name for tool in choice.allowed_tools.tools)
    return Choice(choice.allowed_tools.mode, only=names)


def _function(tool: ChatTool, place: int) -> ChatFunction:
    if tool.type != "function":
        raise UnsupportedParameter(f"tools[{place}].type", "only functions can be called here")
    if tool.function is None:
        raise InvalidRequest(f"'tools[{place}].function' is missing.", f"tools[{place}].function")
    return tool.function


def _tool(function: ChatFunction) -> Tool:
    return Tool(function.name, function.description, function.parameters, function.strict)
