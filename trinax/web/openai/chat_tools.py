"""Tools and the form of the answer in the body of POST /v1/chat/completions."""

import re
from collections.abc import Mapping
from typing import Literal

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Tool, Tools
from trinax.web.wire.bodies import Fields

# OpenAI's rule, and the dots and colons of servers that prefix the names of their tools.
NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
TOOLS_LIMIT = 256
Choice = Literal["auto", "none", "required", "named"]
CHOICES: Mapping[str, Choice] = {"auto": "auto", "none": "none", "required": "required"}


def tools(body: Fields) -> Tools:
    """What may be called, in the form of today (tools, tool_choice, parallel_tool_calls) or the
    older one (functions, function_call), which has one call at a time.

    Raises InvalidRequest and UnsupportedParameter, naming the place.
    """
    older = is_older(body)
    listed, field = ("functions", "function_call") if older else ("tools", "tool_choice")
    given = body.objects(listed)
    if len(given) > TOOLS_LIMIT:
        body.refuse(listed, f"a list of at most {TOOLS_LIMIT}")
    offered = tuple(map(_function if older else _tool, given))
    names = {tool.name for tool in offered}
    if len(names) < len(offered):
        raise InvalidRequest(f"{listed!r} holds two tools of one name.", listed)
    parallel = not older and body.flag("parallel_tool_calls", True)
    choice, name = _choice(body, field)
    if choice == "required" and not offered:
        raise InvalidRequest(f"{field!r} needs {listed!r} to choose from.", field)
    if choice == "named" and name not in names:
        raise InvalidRequest(f"{field!r} names {name!r}, which is not in {listed!r}.", field)
    return Tools(offered, choice, name, parallel) if offered else Tools()


def is_older(body: Fields) -> bool:
    """Whether tools come in the form that OpenAI has deprecated, and are answered in it."""
    return body.given("functions") and not body.given("tools")


def json_format(body: Fields) -> JsonFormat | None:
    """Raises InvalidRequest for a form that is unknown or lacks its schema."""
    wanted = body.object("response_format")
    kind = wanted.one_of("type", ("text", "json_object", "json_schema"), "text")
    if kind == "text":
        return None
    # llama-server takes a schema with json_object too.
    holder = wanted.object("json_schema") if kind == "json_schema" else wanted
    schema = holder.raw("schema")
    if not isinstance(schema, dict) and (kind == "json_schema" or schema is not None):
        holder.refuse("schema", "a JSON schema, which is an object")
    return JsonFormat(schema or {})


def _tool(fields: Fields) -> Tool:
    if fields.text("type", "function") != "function":
        raise UnsupportedParameter(fields.name("type"), "only functions can be called here")
    return _function(fields.object("function"))


def _function(fields: Fields) -> Tool:
    name = fields.text("name")
    if not NAME.fullmatch(name):
        fields.refuse("name", "of at most 128 letters, digits and '_.:-'")
    fields.object("parameters")  # refuses what is none
    return Tool(
        name=name,
        description=fields.text("description", ""),
        parameters=fields.raw("parameters") or {},
        strict=fields.flag("strict"),
    )


def _choice(body: Fields, field: str) -> tuple[Choice, str]:
    value = body.raw(field)
    if value is None:
        return "auto", ""
    if isinstance(value, str) and value in CHOICES:
        return CHOICES[value], ""
    if not isinstance(value, dict) or value.get("type", "function") != "function":
        body.refuse(field, "'auto', 'none', 'required' or an object that names a function")
    named = body.object(field)
    return "named", (named if field == "function_call" else named.object("function")).text("name")
