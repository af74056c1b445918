"""The messages of POST /v1/chat/completions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, ToolCall
from trinax.web.wire.bodies import Fields

ROLES: Mapping[str, Literal["system", "user", "assistant", "tool"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
PART_TYPES = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}


def messages(body: Fields) -> tuple[Message, ...]:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    listed = body.objects("messages")
    if not listed:
        body.refuse("messages", "a list of at least one message")
    messages = tuple(map(_message, listed))
    if messages[-1].role not in ("user", "tool"):
        raise InvalidRequest("The last message must be from the user or a tool.", "messages")
    asked = [message.content for message in messages if message.role == "user"]
    if not asked or not asked[-1].strip():
        raise InvalidRequest("The last user message is empty; put the question there.", "messages")
    return messages


def _message(fields: Fields) -> Message:
    role = fields.raw("role")
    if not isinstance(role, str) or role not in ROLES:
        fields.refuse("role", "one of " + ", ".join(map(repr, ROLES)))
    message = Message(ROLES[role], _content(fields, role))
    if role == "assistant":
        reasoning = fields.text("reasoning_content", "") or fields.text("reasoning", "")
        return replace(message, reasoning=reasoning, tool_calls=_calls(fields))
    if role == "tool":
        id, name = fields.text("tool_call_id", ""), fields.text("name", "")
        return replace(message, tool_call_id=id, name=name)
    if role == "function":
        name = fields.text("name")
        return replace(message, tool_call_id=name, name=name)
    return message


def _content(fields: Fields, role: str) -> str:
    content = fields.raw("content")
    if isinstance(content, str):
        return content
    # An assistant's turn that only called tools has no content.
    if content is None and role == "assistant":
        return ""
    if not isinstance(content, list):
        fields.refuse("content", "a text or a list of text parts")
    return "".join(map(_part, fields.objects("content")))


def _part(fields: Fields) -> str:
    kind = fields.raw("type")
    if not isinstance(kind, str) or kind not in PART_TYPES:
        raise UnsupportedParameter(fields.name("type"), "messages hold text parts only")
    text = fields.raw(PART_TYPES[kind])
    if not isinstance(text, str):
        fields.refuse(PART_TYPES[kind], "a text")
    return text


def _calls(fields: Fields) -> tuple[ToolCall, ...]:
    calls = tuple(map(_call, fields.objects("tool_calls")))
    older = fields.object("function_call")
    if not older.given("name"):
        return calls
    # The older form has no ids: its result names the function instead.
    name = older.text("name")
    return (*calls, ToolCall(name, name, older.text("arguments", "")))


def _call(fields: Fields) -> ToolCall:
    if fields.text("type", "function") != "function":
        raise UnsupportedParameter(fields.name("type"), "only functions can be called here")
    function = fields.object("function")
    return ToolCall(fields.text("id", ""), function.text("name"), function.text("arguments", ""))
