"""Messages in the shape that templates read, and the same talk in simpler shapes."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from trinax.errors import InvalidRequest
from trinax.models.chat.spans import JsonList, JsonObject, Texts, tojson
from trinax.models.ports import Message, Tool, ToolCall

Turn = Mapping[str, Any]
Tell = Callable[[Sequence[tuple[str, str]]], str]  # names and arguments of calls to their text

INSTRUCTION = """\
You can call the functions described below. To call one, answer with nothing but this form of it:
{}
The results come in the next message. The functions, in JSON:"""
EXAMPLE = [("name_of_the_function", '{"name_of_a_parameter": "value"}')]


def turns(messages: Sequence[Message], texts: Texts, short_ids: bool) -> list[Turn]:
    """In OpenAI's shape, every text hidden.

    short_ids: ids of calls become nine letters, as Mistral's templates ask.
    """
    names: dict[str, str] = {}

    def identity(call_id: str) -> str:
        digest = blake2b(call_id.encode("utf-8", "replace"), digest_size=8).hexdigest()
        return digest[:9] if short_ids else texts.name(call_id)

    def called(call: ToolCall) -> JsonObject:
        names[call.id] = call.name
        function = {"name": texts.hidden(call.name), "arguments": _arguments(call.arguments, texts)}
        return JsonObject(id=identity(call.id), type="function", function=JsonObject(function))

    def turn(message: Message) -> Turn:
        written: dict[str, Any] = {"role": message.role, "content": texts.hidden(message.content)}
        if message.reasoning:
            hidden = texts.hidden(message.reasoning)
            written |= {"reasoning_content": hidden, "thinking": hidden}
        if message.tool_calls:
            written["tool_calls"] = JsonList(map(called, message.tool_calls))
        if message.role == "tool":
            name = message.name or names.get(message.tool_call_id, "")
            written |= {"tool_call_id": identity(message.tool_call_id), "name": texts.name(name)}
        return written

    return [turn(message) for message in messages]


def offered(tools: Sequence[Tool], texts: Texts) -> JsonList:
    """Tools in OpenAI's shape, every text hidden. Raises InvalidRequest."""

    def function(tool: Tool) -> JsonObject:
        parameters = {"type": "object", "properties": {}} | dict(tool.parameters)
        return JsonObject(
            name=texts.hidden(tool.name),  # its own: a result that names the tool does not show it
            description=texts.name(tool.description),
            parameters=texts.schema(parameters),
        )

    try:
        return JsonList(JsonObject(type="function", function=function(tool)) for tool in tools)
    except RecursionError as exc:
        raise InvalidRequest("The parameters of a tool are nested too deeply.", "tools") from exc


def wanted(turns: Sequence[Turn], tools: Sequence[JsonObject]) -> Iterator[str]:
    """What must not be missing in a prompt: contents, calls, and what tools can be called."""
    for turn in turns:
        yield turn["content"]
        for call in turn.get("tool_calls", ()):
            yield tojson(call["function"])
    for tool in tools:
        function = tool["function"]
        yield function["name"] + function["description"]
        properties = function["parameters"]["properties"]
        yield from properties if isinstance(properties, dict) else ()


def with_tools_told(turns: Sequence[Turn], tools: Sequence[JsonObject], tell: Tell) -> list[Turn]:
    """The tools as text in the system message."""
    if not tools:
        return list(turns)
    functions = (tojson(tool["function"]) for tool in tools)
    told = "\n".join([INSTRUCTION.format(tell(EXAMPLE)), *functions])
    if turns and turns[0]["role"] == "system":
        content = "\n\n".join(filter(None, [turns[0]["content"], told]))
        return [{**turns[0], "content": content}, *turns[1:]]
    return [{"role": "system", "content": told}, *turns]


def with_tools_in_system(turns: Sequence[Turn], tools: Sequence[JsonObject]) -> list[Turn]:
    """The tools as a field of the system message, where Phi's template looks for them."""
    functions = JsonList(tool["function"] for tool in tools)
    if turns and turns[0]["role"] == "system":
        return [{**turns[0], "tools": functions}, *turns[1:]]
    return [{"role": "system", "content": "", "tools": functions}, *turns]


def without_blanks(turns: Sequence[Turn]) -> list[Turn]:
    """None for the content of an assistant who only calls."""
    return [
        {**turn, "content": None} if "tool_calls" in turn and not turn["content"] else turn
        for turn in turns
    ]


def attempts(
    turns: Sequence[Turn], tools: JsonList, tell: Tell
) -> Iterator[tuple[list[Turn], JsonList | None]]:
    """The talk and the tools that the template is given, the truest shape first.

    Templates refuse, or drop in silence, what their family does not know: several calls in a
    message, text beside calls, two users in a row, a system's words, calls, tools.
    """
    tried: list[list[Turn]] = []
    as_text = calls_as_text(turns, tell)
    shapes = (list(turns), text_before_calls(turns), one_call_each(turns), as_text)
    for native in (tools, None) if tools else (None,):
        for shape in shapes:
            told = shape if native else with_tools_told(shape, tools, tell)
            for shaped in (told, without_system(told), joined(told)):
                if shaped not in tried:
                    tried.append(shaped)
                    yield shaped, native
    yield alternating(with_tools_told(as_text, tools, tell)), None


def text_before_calls(turns: Sequence[Turn]) -> list[Turn]:
    """An assistant who says something and calls does so in two messages."""
    return [part for turn in turns for part in _text_then_calls(turn)]


def one_call_each(turns: Sequence[Turn]) -> list[Turn]:
    """Every call in a message of its own, each with its result behind it."""
    results = {turn["tool_call_id"]: turn for turn in turns if turn["role"] == "tool"}
    told: set[str] = set()
    shaped: list[Turn] = []
    for turn in text_before_calls(turns):
        if "tool_calls" not in turn:
            shaped += [] if turn.get("tool_call_id") in told else [turn]
            continue
        for call in turn["tool_calls"]:
            shaped.append({**turn, "tool_calls": JsonList([call])})
            if call["id"] in results:
                shaped.append(results[call["id"]])
                told.add(call["id"])
    return shaped


def calls_as_text(turns: Sequence[Turn], tell: Tell) -> list[Turn]:
    """Calls and results in the words of messages, results in the user's."""
    return [_told(turn, tell) for turn in turns]


def without_system(turns: Sequence[Turn]) -> list[Turn]:
    """System texts put before the first user's."""
    system = [turn["content"] for turn in turns if turn["role"] == "system"]
    others = [turn for turn in turns if turn["role"] != "system"]
    first = next((i for i, turn in enumerate(others) if turn["role"] == "user"), None)
    if not system or first is None:
        return [{**turn, "role": "user"} if turn["role"] == "system" else turn for turn in turns]
    content = "\n\n".join([*system, others[first]["content"]])
    return [*others[:first], {"role": "user", "content": content}, *others[first + 1 :]]


def joined(turns: Sequence[Turn]) -> list[Turn]:
    """Neighbours of one side are one message; system texts are put before the first user's."""
    shaped: list[Turn] = []
    for turn in without_system(turns):
        plain = turn["role"] != "tool" and "tool_calls" not in turn
        before = shaped[-1] if shaped else {}
        if plain and before.get("role") == turn["role"] and "tool_calls" not in before:
            shaped[-1] = {**before, "content": f"{before['content']}\n\n{turn['content']}"}
        else:
            shaped.append(turn)
    return shaped


def alternating(turns: Sequence[Turn]) -> list[Turn]:
    """User and assistant in turn, beginning with the user; neighbours of one side are joined."""
    sides = [
        turn if turn["role"] == "assistant" else {**turn, "role": "user"}
        for turn in without_system(turns)
    ]
    shaped = joined(sides)
    if shaped and shaped[0]["role"] == "assistant":
        return [{"role": "user", "content": ""}, *shaped]
    return shaped


def plain(turns: Sequence[Turn]) -> str:
    """A layout of texts for models that bring no template."""
    lines = [f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns]
    return "\n".join([*lines, "Assistant:"])


def unmixed(message: Message, open_mark: str, close_mark: str) -> Message:
    """Reasoning that a client sent back inside the content, in its own place."""
    if message.role != "assistant" or message.reasoning or not open_mark:
        return message
    pattern = re.escape(open_mark) + r"(.*?)" + re.escape(close_mark) + r"(.*)"
    found = re.fullmatch(r"\s*" + pattern, message.content, re.DOTALL)
    if not found or not found[1].strip():
        return message
    return replace(message, content=found[2].lstrip(), reasoning=found[1].strip())


def _text_then_calls(turn: Turn) -> list[Turn]:
    if "tool_calls" not in turn or not turn["content"]:
        return [turn]
    text = {"role": turn["role"], "content": turn["content"]}
    return [text, {**turn, "content": ""}]


def _told(turn: Turn, tell: Tell) -> Turn:
    if turn["role"] == "tool":
        name = f" name={turn['name']}" if turn["name"] else ""
        content = f"<tool_response{name}>\n{turn['content']}\n</tool_response>"
        return {"role": "user", "content": content}
    if "tool_calls" not in turn:
        return turn
    functions = [call["function"] for call in turn["tool_calls"]]
    calls = tell([(function["name"], _text(function["arguments"])) for function in functions])
    return {"role": turn["role"], "content": "\n".join(filter(None, [turn["content"], calls]))}


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else tojson(arguments)


def _arguments(arguments: str, texts: Texts) -> Any:
    """An object if it is one, which is what templates expect, else the text."""
    try:
        value = json.loads(arguments.strip() or "{}", parse_float=_finite, parse_constant=_finite)
        return texts.value(value) if isinstance(value, dict) else texts.hidden(arguments)
    except (ValueError, RecursionError):
        return texts.hidden(arguments)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(number)
    return value
