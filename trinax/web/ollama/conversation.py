"""What Ollama's clients say, as what the rest of trinax answers."""

import json
from collections import defaultdict, deque
from collections.abc import Sequence

from trinax.answering.completing import Draft
from trinax.answering.records import Ask
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Infilling, Message, Tool, ToolCall, Tools, Turn
from trinax.web.ollama.bodies import (
    ONLY_TEXT,
    OllamaChatBody,
    OllamaGenerateBody,
    OllamaMessage,
    OllamaTool,
    OllamaToolCall,
    OllamaWriting,
)
from trinax.web.openai.chat_messages import check_question
from trinax.web.openai.choosing import Choice, chosen

ANY = ("", "")


def chat_ask(asked: OllamaChatBody, model: str, key: str) -> Ask:
    """Raises InvalidRequest and UnsupportedParameter, naming the place."""
    return _ask(asked, messages(asked.messages), model, key, tools(asked.tools))


def generate_ask(asked: OllamaGenerateBody, model: str, key: str) -> Ask:
    """The prompt as the one question of a conversation."""
    if not asked.prompt.strip():
        raise InvalidRequest("'prompt' must be a text that is not blank.", "prompt")
    system = [Message("system", asked.system)] if asked.system else []
    return _ask(asked, (*system, Message("user", asked.prompt)), model, key, Tools())


def draft(asked: OllamaGenerateBody, model: str, key: str) -> Draft:
    """The prompt as it is, to be continued or filled in."""
    return Draft(
        prompts=(Infilling(asked.prompt, asked.suffix or None),),
        model=model,
        sampling=asked.sampling,
        turn=Turn(key=key),
        format=asked.json_format,
    )


def _ask(
    asked: OllamaWriting, messages: tuple[Message, ...], model: str, key: str, tools: Tools
) -> Ask:
    return Ask(
        messages=messages,
        model=model,
        collections=None if asked.collections is None else tuple(asked.collections),
        web=asked.web_search,
        sampling=asked.sampling,
        tools=tools,
        format=asked.json_format,
        reasoning=asked.reasoning,
        turn=Turn(key=key),
    )


def messages(listed: Sequence[OllamaMessage]) -> tuple[Message, ...]:
    """Calls and their results joined by ids, which older clients do not send.

    Raises InvalidRequest and UnsupportedParameter, naming the place.
    """
    told: list[Message] = []
    open_calls = _OpenCalls(())
    for number, message in enumerate(listed):
        if message.images:
            raise UnsupportedParameter(f"messages[{number}].images", ONLY_TEXT)
        if message.role == "assistant":
            calls = tuple(
                _call(call, f"call_{number}_{place}")
                for place, call in enumerate(message.tool_calls)
            )
            open_calls = _OpenCalls(calls)
            told.append(Message("assistant", message.content, message.thinking, calls))
        elif message.role == "tool":
            told.append(_result(message, open_calls))
        else:
            told.append(Message("user" if message.role == "user" else "system", message.content))
    check_question(told, "messages")
    return tuple(told)


def tools(listed: Sequence[OllamaTool]) -> Tools:
    """Raises InvalidRequest for two of one name."""
    offered = [
        Tool(each.function.name, each.function.description, each.function.parameters)
        for each in listed
    ]
    return chosen(offered, Choice())


def _call(call: OllamaToolCall, otherwise: str) -> ToolCall:
    """otherwise: the id of a call that came without one."""
    given = call.function.arguments
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return ToolCall(call.id or otherwise, call.function.name, arguments)


def _result(message: OllamaMessage, open_calls: "_OpenCalls") -> Message:
    name, call_id = message.tool_name or message.name, message.tool_call_id
    answered = open_calls.take(call_id, name)
    if answered:
        call_id, name = answered.id, name or answered.name
    return Message("tool", message.content, tool_call_id=call_id, name=name)


class _OpenCalls:
    """Calls of one turn whose results have not come yet."""

    def __init__(self, calls: Sequence[ToolCall]) -> None:
        self._left = dict(enumerate(calls))
        self._places: defaultdict[tuple[str, str], deque[int]] = defaultdict(deque)
        for place, call in self._left.items():
            for key in (("id", call.id), ("name", call.name), ANY):
                self._places[key].append(place)

    def take(self, call_id: str, name: str) -> ToolCall | None:
        """The first with this id, without one with this name, without either the first of all."""
        key = ("id", call_id) if call_id else ("name", name) if name else ANY
        places = self._places[key]
        while places:
            if call := self._left.pop(places.popleft(), None):
                return call
        return None
