"""A generation as the JSON of OpenAI's wire format."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trinax.models.ports import Generation, Infilling, JsonFormat, Message, Sampling, Tool, Tools

Json = dict[str, Any]

CHAT = "/chat/completions"
COMPLETIONS = "/completions"
FORMAT_NAME = "answer"
LLAMA_PENALTY = "repeat_penalty"  # llama-server's name; vLLM has the other, each ignores one


def path(generation: Generation) -> str:
    return COMPLETIONS if generation.infilling else CHAT


def body(generation: Generation, model: str, extra: bool, limit_key: str) -> Json:
    """The request without what is left to the model's own way.

    extra: whether the server takes what OpenAI does not have; without it the thoughts of earlier
        turns, which most templates drop anyway, are left out.
    limit_key: "max_tokens", or "max_completion_tokens" for who refuses that.
    """
    sampling = generation.sampling
    sent: Json = {"model": model, "stream": True, "stream_options": {"include_usage": True}}
    if generation.infilling:
        sent |= _gap(generation.infilling) | _set({"logprobs": sampling.logprobs})
    else:
        sent["messages"] = [_message(message, extra) for message in generation.messages]
        sent |= _tools(generation.tools) | _format(generation.format) | _logprobs(sampling)
        if generation.reasoning is not None:
            sent["reasoning_effort"] = generation.reasoning
    if sampling.max_tokens is not None:
        sent[limit_key] = sampling.max_tokens
    return sent | _standard(sampling) | (_extra(sampling) if extra else {})


def ignored(generation: Generation, extra: bool) -> tuple[str, ...]:
    """API names of what was asked for and is not sent."""
    names = [] if extra else [name for name in _extra(generation.sampling) if name != LLAMA_PENALTY]
    if generation.infilling:
        chat_only = {
            "tools": bool(generation.tools.tools),
            "response_format": generation.format is not None,
            "reasoning_effort": generation.reasoning is not None,
        }
        names += [name for name, asked in chat_only.items() if asked]
    return tuple(names)


def texts(messages: Sequence[Message], tools: Tools) -> Iterator[str]:
    """All that a model reads."""
    for message in messages:
        yield message.content
        for call in message.tool_calls:
            yield from (call.name, call.arguments)
    for tool in tools.tools:
        yield json.dumps(_tool(tool))


def _message(message: Message, extra: bool) -> Json:
    sent: Json = {"role": message.role, "content": message.content}
    if message.name:
        sent["name"] = message.name
    if message.reasoning and extra:
        sent["reasoning_content"] = message.reasoning
    if message.role == "tool":
        sent["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        sent["content"] = message.content or None
        sent["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return sent


def _tools(tools: Tools) -> Json:
    if not tools.tools:
        return {}
    named = {"type": "function", "function": {"name": tools.name}}
    sent: Json = {
        "tools": [{"type": "function", "function": _tool(tool)} for tool in tools.tools],
        "tool_choice": named if tools.choice == "named" else tools.choice,
    }
    return sent if tools.parallel else sent | {"parallel_tool_calls": False}


def _tool(tool: Tool) -> Json:
    sent = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return sent | ({"strict": True} if tool.strict else {})


def _format(wanted: JsonFormat | None) -> Json:
    if wanted is None:
        return {}
    if not wanted.schema:
        return {"response_format": {"type": "json_object"}}
    # Without strict, a schema is only a hint to OpenAI's models.
    schema = {"name": FORMAT_NAME, "schema": wanted.schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _logprobs(sampling: Sampling) -> Json:
    if sampling.logprobs is None:
        return {}
    return {"logprobs": True, "top_logprobs": sampling.logprobs}


def _gap(infilling: Infilling) -> Json:
    prompt = infilling.prompt if isinstance(infilling.prompt, str) else [*infilling.prompt]
    return _set({"prompt": prompt, "suffix": infilling.suffix})


def _standard(sampling: Sampling) -> Json:
    return _set(
        {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stop": [*sampling.stop] or None,
            "presence_penalty": sampling.presence_penalty or None,
            "frequency_penalty": sampling.frequency_penalty or None,
            "logit_bias": {str(id_): bias for id_, bias in sampling.logit_bias.items()} or None,
            "seed": sampling.seed,
            "n": sampling.n if sampling.n > 1 else None,
        }
    )


def _extra(sampling: Sampling) -> Json:
    penalty = None if sampling.repetition_penalty == 1.0 else sampling.repetition_penalty
    return _set(
        {
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "repetition_penalty": penalty,
            LLAMA_PENALTY: penalty,
            "ignore_eos": sampling.ignore_eos or None,
        }
    )


def _set(parameters: Mapping[str, Any]) -> Json:
    return {name: value for name, value in parameters.items() if value is not None}
