"""The messages of POST /v1/chat/completions."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from trinax.answering.records import Attachment
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, ToolCall
from trinax.web.declaring.attachments import Sent, file
from trinax.web.declaring.body import Body, Words

Role = Literal["system", "user", "assistant", "tool"]
ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user"}
FILE = "file"
TEXTS = ("text", "input_text", "output_text")


class ChatFile(Body):
    """file_data: the file in base64, as a data URL or not. file_id: refused, no files are kept."""

    filename: str = ""
    file_data: Sent = None
    file_id: str = ""


class ChatPart(Body):
    """type: "text", "refusal", or "file" of the user; images and sounds are refused."""

    type: str
    text: str | None = None
    refusal: str | None = None
    file: ChatFile | None = None


class ChatCalledFunction(Body):
    """arguments: JSON text."""

    name: Words
    arguments: str = ""


class ChatToolCall(Body):
    """type: "function"; others are refused."""

    function: ChatCalledFunction | None = None
    id: str = ""
    type: str = "function"


class ChatOlderCall(Body):
    """Without a name it is none."""

    name: str = ""
    arguments: str = ""


class ChatMessage(Body):
    """tool_calls, function_call, reasoning_content, reasoning: of an assistant, which needs no
    content. tool_call_id, name: of what a tool gave back."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ChatPart] | None = None
    tool_calls: list[ChatToolCall] = Field([])
    function_call: ChatOlderCall | None = None
    reasoning_content: str = ""
    reasoning: str = ""
    tool_call_id: str = ""
    name: str = ""


def messages(listed: Sequence[ChatMessage]) -> tuple[Message, ...]:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    read = tuple(_message(each, f"messages[{number}]") for number, each in enumerate(listed))
    check_question(read, "messages")
    return read


def files(listed: Sequence[ChatMessage]) -> tuple[Attachment, ...]:
    """What stands among the parts of messages that messages() has read. Raises as it."""
    return tuple(
        _file(part, f"messages[{number}].content[{at}]")
        for number, each in enumerate(listed)
        if not isinstance(each.content, str)
        for at, part in enumerate(each.content or ())
        if part.type == FILE
    )


def check_question(messages: Sequence[Message], field: str) -> None:
    """field: that they came in. Raises InvalidRequest where there is nothing to answer."""
    if not messages or messages[-1].role not in ("user", "tool"):
        raise InvalidRequest("The last message must be from the user or a tool.", field)
    asked = [message.content for message in messages if message.role == "user"]
    if not asked or not asked[-1].strip():
        raise InvalidRequest("The last user message is empty; put the question there.", field)


def _message(sent: ChatMessage, place: str) -> Message:
    content = _content(sent, place)
    if sent.role == "assistant":
        reasoning = sent.reasoning_content or sent.reasoning
        return Message("assistant", content, reasoning, _calls(sent, place))
    if sent.role == "tool":
        return Message("tool", content, tool_call_id=sent.tool_call_id, name=sent.name)
    if sent.role == "function":
        if not sent.name.strip():
            raise _wrong(f"{place}.name", "a text that is not empty")
        return Message("tool", content, tool_call_id=sent.name, name=sent.name)
    return Message(ROLES[sent.role], content)


def _content(sent: ChatMessage, place: str) -> str:
    if isinstance(sent.content, str):
        return sent.content
    if sent.content is not None:
        # Files are no words of the message; files() reads them.
        parts = [
            (part, f"{place}.content[{number}]")
            for number, part in enumerate(sent.content)
            if part.type != FILE or sent.role != "user"
        ]
        return "".join(_part(part, at) for part, at in parts)
    # An assistant's turn that only called tools has no content.
    if sent.role != "assistant":
        raise _wrong(f"{place}.content", "a text or a list of text parts")
    return ""


def _part(part: ChatPart, place: str) -> str:
    if part.type not in (*TEXTS, "refusal"):
        reason = "messages hold text, and the user's also files"
        raise UnsupportedParameter(f"{place}.type", reason)
    field = "refusal" if part.type == "refusal" else "text"
    text = part.refusal if part.type == "refusal" else part.text
    if text is None:
        raise _wrong(f"{place}.{field}", "a text")
    return text


def _file(part: ChatPart, place: str) -> Attachment:
    if part.file is None:
        raise InvalidRequest(f"'{place}.file' is missing.", f"{place}.file")
    sent = part.file
    return file(f"{place}.file", sent.filename, sent.file_data, {"file_id": sent.file_id})


def _calls(sent: ChatMessage, place: str) -> tuple[ToolCall, ...]:
    if not sent.tool_calls and not sent.function_call:
        return ()
    listed = enumerate(sent.tool_calls)
    calls = tuple(_call(call, f"{place}.tool_calls[{number}]") for number, call in listed)
    older = sent.function_call
    if older is None or not older.name:
        return calls
    # The older form has no ids: its result names the function instead.
    return (*calls, ToolCall(older.name, older.name, older.arguments))


def _call(call: ChatToolCall, place: str) -> ToolCall:
    if call.type != "function":
        raise UnsupportedParameter(f"{place}.type", "only functions can be called here")
    if call.function is None:
        raise InvalidRequest(f"'{place}.function' is missing.", f"{place}.function")
    return ToolCall(call.id, call.function.name, call.function.arguments)


def _wrong(place: str, expected: str) -> InvalidRequest:
    return InvalidRequest(f"{place!r} must be {expected}.", place)
