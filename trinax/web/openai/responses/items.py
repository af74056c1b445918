"""What was said so far, as the items of the Responses API."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from trinax.answering.records import Attachment
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, ToolCall
from trinax.web.declaring.attachments import Sent, file
from trinax.web.declaring.body import Body
from trinax.web.openai.chat_messages import ROLES

TEXTS = ("input_text", "output_text", "text", "summary_text", "reasoning_text")
FILE = "input_file"
# What came of these stands in the answer that followed.
SEARCHES = ("web_search_call", "file_search_call")


class ResponsePart(Body):
    """type: "input_text", "output_text", "refusal", of reasoning, or "input_file" of the user
    (filename, file_data: in base64, as a data URL or not); images, sounds, and files that are
    elsewhere (file_id, file_url) are refused."""

    type: str
    text: str | None = None
    refusal: str | None = None
    filename: str = ""
    file_data: Sent = None
    file_id: str = ""
    file_url: str = ""


class ResponseInputItem(Body):
    """type: "message" (role, content), "function_call" (call_id, name, arguments),
    "function_call_output" (call_id, output), "reasoning" (content, summary); searches that were
    made are passed over, others refused."""

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[ResponsePart] | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: str | list[ResponsePart] | None = None
    summary: list[ResponsePart] = Field([])


def messages(items: Sequence[ResponseInputItem]) -> list[Message]:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    said: list[Message] = []
    calls: defaultdict[int, list[ToolCall]] = defaultdict(list)  # by the place of their turn
    names: dict[str, str] = {}  # of the functions, by the ids of their calls
    thought = ""
    for number, item in enumerate(items):
        place = f"input[{number}]"
        if item.type in SEARCHES:
            continue
        if item.type == "reasoning":
            thought = _thought(item, place)
            continue
        if item.type == "function_call":
            call = _call(item, place)
            calls[_calling(said, thought)].append(call)
            names[call.id] = call.name
        else:
            said.append(_message(item, place, names, thought))
        thought = ""
    for at, made in calls.items():
        said[at] = replace(said[at], tool_calls=tuple(made))
    return said


def files(items: Sequence[ResponseInputItem]) -> tuple[Attachment, ...]:
    """What stands among the parts of items that messages() has read. Raises as it."""
    return tuple(
        _file(part, f"input[{number}].content[{at}]")
        for number, item in enumerate(items)
        if not isinstance(item.content, str)
        for at, part in enumerate(item.content or ())
        if part.type == FILE
    )


def _file(part: ResponsePart, place: str) -> Attachment:
    elsewhere = {"file_id": part.file_id, "file_url": part.file_url}
    return file(place, part.filename, part.file_data, elsewhere)


def _calling(said: list[Message], thought: str) -> int:
    """The place of the turn that a call is part of: the last one if it is the assistant's."""
    if not said or said[-1].role != "assistant":
        said.append(Message("assistant", "", thought))
    elif thought and not said[-1].reasoning:
        said[-1] = replace(said[-1], reasoning=thought)
    return len(said) - 1


def _message(
    item: ResponseInputItem, place: str, names: Mapping[str, str], thought: str
) -> Message:
    if item.type == "function_call_output":
        return _output(item, place, names)
    if item.type != "message":
        raise UnsupportedParameter(f"{place}.type", f"no item {item.type!r} is known here")
    if item.role is None:
        raise InvalidRequest(f"'{place}.role' is missing.", f"{place}.role")
    # Files are no words of the message; files() reads them.
    passed_over = (FILE,) if item.role == "user" else ()
    content = _text(item.content, f"{place}.content", passed_over)
    if item.role == "assistant":
        return Message("assistant", content, thought)
    return Message(ROLES[item.role], content)


def _output(item: ResponseInputItem, place: str, names: Mapping[str, str]) -> Message:
    if not item.call_id:
        raise InvalidRequest(f"'{place}.call_id' is missing.", f"{place}.call_id")
    text = _text(item.output, f"{place}.output")
    return Message("tool", text, tool_call_id=item.call_id, name=names.get(item.call_id, ""))


def _call(item: ResponseInputItem, place: str) -> ToolCall:
    for field, value in (("call_id", item.call_id), ("name", item.name.strip())):
        if not value:
            raise InvalidRequest(f"'{place}.{field}' is missing.", f"{place}.{field}")
    return ToolCall(item.call_id, item.name, item.arguments)


def _thought(item: ResponseInputItem, place: str) -> str:
    """ "" where it comes encrypted, as from other servers."""
    if item.content:
        return _text(item.content, f"{place}.content")
    return _text(item.summary, f"{place}.summary")


def _text(
    content: str | Sequence[ResponsePart] | None, place: str, passed_over: Sequence[str] = ()
) -> str:
    """passed_over: types of parts."""
    if isinstance(content, str):
        return content
    if content is None:
        raise InvalidRequest(f"{place!r} is missing.", place)
    parts = [(n, part) for n, part in enumerate(content) if part.type not in passed_over]
    return "".join(_part(part, f"{place}[{number}]") for number, part in parts)


def _part(part: ResponsePart, place: str) -> str:
    if part.type not in (*TEXTS, "refusal"):
        reason = "messages hold text, and the user's also files"
        raise UnsupportedParameter(f"{place}.type", reason)
    field = "refusal" if part.type == "refusal" else "text"
    text = part.refusal if part.type == "refusal" else part.text
    if text is None:
        raise InvalidRequest(f"'{place}.{field}' must be a text.", f"{place}.{field}")
    return text
