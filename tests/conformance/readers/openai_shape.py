"""What the clients that answer in OpenAI's own shape share."""

from collections.abc import Mapping
from typing import Any

import openai

from tests.conformance.readers.replaying import Heard, call, failure

STREAMED: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


def arguments(case: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(case["fields"])
    extra = {"collections": fields.pop("collections")}
    messages = [{"role": "user", "content": case["question"]}]
    return {"model": case["model"], "messages": messages, "extra_body": extra, **fields}


def failed(exc: openai.APIError) -> dict[str, Any]:
    # litellm gives a status to what is none of openai's failures with one.
    status = getattr(exc, "status_code", 0)
    response = getattr(exc, "response", None)
    retry = response.headers.get("retry-after", "") if response is not None else ""
    body = exc.body if isinstance(exc.body, dict) else {}
    message = body.get("message") or exc.message
    return failure(exc, status, message, code=exc.code, param=exc.param or "", retry_after=retry)


def whole(answer: Any) -> Heard:
    first = answer.choices[0]
    # litellm leaves out what there is nothing to say of.
    logprobs = getattr(first, "logprobs", None)
    tokens = logprobs.content if logprobs else None
    return {
        "texts": [choice.message.content or "" for choice in answer.choices],
        "finishes": [choice.finish_reason for choice in answer.choices],
        "reasoning": getattr(first.message, "reasoning_content", None) or "",
        "calls": [
            call(each.function.name, each.function.arguments)
            for each in first.message.tool_calls or []
            if each.type == "function"
        ],
        "usage": usage(answer.usage),
        "tokens": [[token.token, token.logprob] for token in tokens or []],
        "failure": None,
    }


def usage(counts: Any) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"prompt": counts.prompt_tokens, "completion": counts.completion_tokens}


class Saying:
    """Chunks put together, as the reference of the API says that they are to be."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.finishes: dict[int, str] = {}
        self.reasoning = ""
        self.calls: dict[int, list[str]] = {}
        self.tokens: list[list[Any]] = []
        self.usage: dict[str, int] | None = None

    def add(self, chunk: Any) -> None:
        self.usage = usage(getattr(chunk, "usage", None)) or self.usage
        for choice in chunk.choices:
            delta = choice.delta
            self.texts[choice.index] = self.texts.get(choice.index, "") + (delta.content or "")
            self.reasoning += getattr(delta, "reasoning_content", None) or ""
            self._add_calls(delta.tool_calls or [])
            logprobs = getattr(choice, "logprobs", None)
            self.tokens += [[e.token, e.logprob] for e in (logprobs.content if logprobs else ())]
            if choice.finish_reason:
                assert choice.index not in self.finishes
                self.finishes[choice.index] = choice.finish_reason

    def _add_calls(self, parts: list[Any]) -> None:
        for part in parts:
            function = part.function
            if part.id:
                self.calls[part.index] = [function.name, ""]
            self.calls[part.index][1] += function.arguments or ""

    def heard(self) -> Heard:
        return {
            "texts": [self.texts[choice] for choice in sorted(self.texts)],
            "finishes": [self.finishes[choice] for choice in sorted(self.finishes)],
            "reasoning": self.reasoning,
            "calls": [call(*self.calls[index]) for index in sorted(self.calls)],
            "usage": self.usage,
            "tokens": self.tokens,
            "failure": None,
        }
