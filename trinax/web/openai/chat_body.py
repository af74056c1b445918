"""The body of POST /v1/chat/completions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trinax.answering.records import Ask
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Sampling, Turn
from trinax.web.openai.chat_messages import messages
from trinax.web.openai.chat_tools import is_older, json_format, tools
from trinax.web.wire.bodies import Fields

STOP_LIMIT = 4
CHOICES_LIMIT = 8

TOP_LOGPROBS_LIMIT = 20
TIMEOUT_LOW_S, TIMEOUT_HIGH_S = 0.001, 86_400
# OpenAI's names → how much reasoning a model here is asked for.
EFFORTS: Mapping[str, str] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
}

# Editors send these with every request and do well without: they are listed in x-trinax-ignored.
IGNORED = ("prediction", "verbosity", "service_tier", "store", "metadata")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """ignored: known parameters that were sent and have no effect. older_calls: whether tools
    came as functions, and calls go back as function_call."""

    ask: Ask
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]
    older_calls: bool


def chat_request(body: Fields, key: str = "") -> ChatRequest:
    """key: of who asks. Raises InvalidRequest and UnsupportedParameter, naming the parameter."""
    _refuse_unsupported(body)
    stream = body.flag("stream")
    ask = Ask(
        messages=messages(body),
        model=body.text("model", "auto"),
        collections=body.texts("collections"),
        sampling=_sampling(body),
        tools=tools(body),
        format=json_format(body),
        reasoning=_reasoning(body),
        turn=Turn(key=key, limit_s=body.number("timeout", TIMEOUT_LOW_S, TIMEOUT_HIGH_S)),
    )
    return ChatRequest(
        ask=ask,
        stream=stream,
        include_usage=body.object("stream_options").flag("include_usage"),
        ignored=_ignored(body),
        older_calls=is_older(body),
    )


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
        logprobs=_logprobs(body),
        ignore_eos=body.flag("ignore_eos"),
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


def _logprobs(body: Fields) -> int | None:
    alternatives = body.integer("top_logprobs", 0, TOP_LOGPROBS_LIMIT)
    if body.flag("logprobs"):
        return alternatives or 0
    if alternatives:
        raise InvalidRequest("'top_logprobs' needs 'logprobs' to be true.", "top_logprobs")
    return None


def _reasoning(body: Fields) -> str | None:
    if body.raw("reasoning_effort") is None:
        return None
    return EFFORTS[body.one_of("reasoning_effort", list(EFFORTS), "")]


def _refuse_unsupported(body: Fields) -> None:
    """What would change the answer so much that going on without it would be a lie."""
    for name in ("web_search", "web_search_options"):
        if body.raw(name) not in (None, False):
            raise UnsupportedParameter(name, "this server does not search the web")
    if set(_listed(body.raw("modalities"))) - {"text"} or body.given("audio"):
        name = "audio" if body.given("audio") else "modalities"
        raise UnsupportedParameter(name, "answers are text")


def _ignored(body: Fields) -> tuple[str, ...]:
    return tuple(name for name in IGNORED if body.given(name))


def _listed(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
