"""The body of POST /v1/chat/completions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trinax.answering.records import Ask
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, Sampling
from trinax.web.bodies import Fields

ROLES: Mapping[str, Literal["system", "user", "assistant", "tool"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
PART_TYPES = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
STOP_LIMIT = 4
CHOICES_LIMIT = 8

# Editors send these with every request and do well without: they are listed in x-trinax-ignored.
IGNORED = (
    "tools",
    "functions",
    "parallel_tool_calls",
    "prediction",
    "reasoning_effort",
    "verbosity",
    "service_tier",
    "store",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """ignored: known parameters that were sent and have no effect."""

    ask: Ask
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]


def chat_request(body: Fields) -> ChatRequest:
    """Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    _refuse_unsupported(body)
    stream = body.flag("stream")
    ask = Ask(
        messages=_messages(body),
        model=body.text("model", "auto"),
        collections=body.texts("collections"),
        sampling=_sampling(body),
    )
    return ChatRequest(
        ask=ask,
        stream=stream,
        include_usage=body.object("stream_options").flag("include_usage"),
        ignored=_ignored(body),
    )


def _messages(body: Fields) -> tuple[Message, ...]:
    listed = body.objects("messages")
    if not listed:
        body.refuse("messages", "a list of at least one message")
    messages = tuple(map(_message, listed))
    if messages[-1].role != "user":
        raise InvalidRequest("The last message must be from the user.", "messages")
    if not messages[-1].content.strip():
        raise InvalidRequest("The last message is empty; put the question there.", "messages")
    return messages


def _message(fields: Fields) -> Message:
    role = fields.raw("role")
    if not isinstance(role, str) or role not in ROLES:
        fields.refuse("role", "one of " + ", ".join(map(repr, ROLES)))
    content = fields.raw("content")
    if isinstance(content, str):
        return Message(ROLES[role], content)
    # An assistant's turn that only called tools has no content.
    if content is None and role == "assistant":
        return Message("assistant", "")
    if not isinstance(content, list):
        fields.refuse("content", "a text or a list of text parts")
    return Message(ROLES[role], "".join(map(_part, fields.objects("content"))))


def _part(fields: Fields) -> str:
    kind = fields.raw("type")
    if not isinstance(kind, str) or kind not in PART_TYPES:
        raise UnsupportedParameter(fields.name("type"), "messages hold text parts only")
    text = fields.raw(PART_TYPES[kind])
    if not isinstance(text, str):
        fields.refuse(PART_TYPES[kind], "a text")
    return text


def _sampling(body: Fields) -> Sampling:
    # The newer name wins, as it does at OpenAI.
    newer = body.integer("max_completion_tokens", 1)
    older = body.integer("max_tokens", 1)
    repetition = body.number("repetition_penalty", 0.01, 10)
    return Sampling(
        max_tokens=older if newer is None else newer,
        temperature=body.number("temperature", 0, 2),
        top_p=body.number("top_p", 0, 1),
        top_k=body.integer("top_k"),
        min_p=body.number("min_p", 0, 1),
        stop=_stop(body),
        presence_penalty=body.number("presence_penalty", -2, 2) or 0.0,
        frequency_penalty=body.number("frequency_penalty", -2, 2) or 0.0,
        repetition_penalty=1.0 if repetition is None else repetition,
        logit_bias=_logit_bias(body),
        seed=body.integer("seed", -(2**63)),
        n=body.integer("n", 1, CHOICES_LIMIT) or 1,
    )


def _stop(body: Fields) -> tuple[str, ...]:
    value = body.raw("stop")
    stop = (value,) if isinstance(value, str) else value or ()
    is_list = isinstance(stop, list | tuple) and len(stop) <= STOP_LIMIT
    if not is_list or not all(isinstance(text, str) and text for text in stop):
        body.refuse("stop", f"a text or up to {STOP_LIMIT} texts, none of them empty")
    return tuple(stop)


def _logit_bias(body: Fields) -> dict[int, float]:
    value = body.raw("logit_bias")
    if value is not None and not isinstance(value, dict):
        body.refuse("logit_bias", "an object from token ids to numbers")
    biases = body.object("logit_bias")
    found: dict[int, float] = {}
    for token in value or {}:
        if not (token.isascii() and token.isdigit() and len(token) <= 9):
            biases.refuse(token, "keyed by a token id")
        found[int(token)] = biases.number(token, -100, 100) or 0.0
    return found


def _refuse_unsupported(body: Fields) -> None:
    """What would change the answer so much that going on without it would be a lie."""
    shape = body.object("response_format").text("type", "text")
    if shape != "text":
        raise UnsupportedParameter("response_format", f"answers are text, not {shape!r}")
    if body.flag("logprobs") or body.integer("top_logprobs", 0, 20):
        name = "logprobs" if body.flag("logprobs") else "top_logprobs"
        raise UnsupportedParameter(name, "chat answers carry no log probabilities")
    if body.flag("web_search"):
        raise UnsupportedParameter("web_search", "this server does not search the web")
    for name in ("tool_choice", "function_call"):
        if body.raw(name) not in (None, "auto", "none"):
            raise UnsupportedParameter(name, "models here do not call tools")
    if set(_listed(body.raw("modalities"))) - {"text"} or body.given("audio"):
        name = "audio" if body.given("audio") else "modalities"
        raise UnsupportedParameter(name, "answers are text")


def _ignored(body: Fields) -> tuple[str, ...]:
    return tuple(name for name in IGNORED if body.given(name))


def _listed(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
