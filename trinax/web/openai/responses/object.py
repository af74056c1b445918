"""The object that a response is, from what was asked and what has come of it so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trinax.answering.records import Done, Started
from trinax.models.ports import Finish
from trinax.web.openai.responses.body import ResponseFormatBody, ResponseRequest
from trinax.web.openai.responses.shapes import (
    ResponseDetails,
    ResponseError,
    ResponseFormat,
    ResponseItem,
    ResponseObject,
    ResponseUsage,
)
from trinax.web.openai.responses.tools import ResponseTool
from trinax.web.wire import rendering


@dataclass(frozen=True, slots=True)
class Beginning:
    """What stays the same from the first event to the last."""

    asked: ResponseRequest
    id: str
    created_at: int
    started: Started


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of it. completed_at: in whole seconds since 1970."""

    status: Literal["in_progress", "completed", "incomplete", "failed"] = "in_progress"
    output: Sequence[ResponseItem] = ()
    finish: Finish | None = None
    done: Done | None = None
    error: ResponseError | None = None
    completed_at: int | None = None


def response_object(beginning: Beginning, outcome: Outcome = Outcome()) -> ResponseObject:
    """Blocks for milliseconds once there is `done`, for snippets are cut then."""
    sent = beginning.asked.sent
    incomplete = outcome.status == "incomplete"
    shown: ResponseObject = {
        "id": beginning.id,
        "object": "response",
        "created_at": beginning.created_at,
        "completed_at": outcome.completed_at,
        "status": outcome.status,
        "background": False,
        "error": outcome.error,
        "incomplete_details": {"reason": "max_output_tokens"} if incomplete else None,
        "instructions": sent.instructions or None,
        "max_output_tokens": beginning.asked.ask.sampling.max_tokens,
        "max_tool_calls": None,
        "metadata": sent.metadata,
        "model": beginning.started.route.model,
        "output": list(outcome.output),
        "parallel_tool_calls": sent.parallel_tool_calls,
        "previous_response_id": None,
        "reasoning": {"effort": sent.reasoning.effort, "summary": None},
        "service_tier": "default",
        "store": False,
        "temperature": sent.temperature,
        "text": {"format": _format(sent.text.format)},
        "tool_choice": _as_sent(sent.tool_choice),
        "tools": list(map(_tool, sent.tools)),
        "top_logprobs": sent.top_logprobs,
        "top_p": sent.top_p,
        "truncation": sent.truncation or "disabled",
        "usage": _usage(outcome.finish) if outcome.finish else None,
    }
    if outcome.done:
        shown["trinaxai"] = _details(beginning, outcome.done)
    return shown


def _format(asked: ResponseFormatBody) -> ResponseFormat:
    if asked.type != "json_schema":
        return {"type": asked.type}
    schema = asked.json_schema or {}
    return {"type": asked.type, "name": asked.name, "schema": schema, "strict": asked.strict}


def _tool(tool: ResponseTool) -> dict[str, Any]:
    if tool.type != "function":
        shown: dict[str, Any] = _as_sent(tool)
        return shown
    # OpenAI's SDK reads all of them.
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description or None,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }


def _as_sent(value: Any) -> Any:
    return value if isinstance(value, str) else value.model_dump(exclude_unset=True)


def _usage(finish: Finish) -> ResponseUsage:
    return {
        "input_tokens": finish.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": finish.cached_tokens,
            "cache_write_tokens": 0,  # what is kept is not paid for
        },
        "output_tokens": finish.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": finish.reasoning_tokens},
        "total_tokens": finish.prompt_tokens + finish.completion_tokens,
    }


def _details(beginning: Beginning, done: Done) -> ResponseDetails:
    started, question = beginning.started, beginning.asked.ask.question
    return {
        "model": started.route.model,
        "project": None,
        "route": rendering.route(started.route),
        "sources": [rendering.source(source, question) for source in started.sources],
        "grounding": rendering.grounding(done.grounding),
        "left_out": rendering.left_out(started.left_out),
        "timing": rendering.timing(done.timing_ms),
    }
