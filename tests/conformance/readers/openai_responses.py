"""The openai package's client of the Responses API, which puts streams together by itself."""

from collections.abc import Mapping
from typing import Any

import openai
from openai.types.responses import Response

from tests.conformance.readers.openai_shape import failed
from tests.conformance.readers.replaying import Heard, call, failure, replay

ENDS = ("response.completed", "response.incomplete", "response.failed")
# Chat's names for why an answer has ended.
REASONS = {"completed": "stop", "incomplete": "length"}
LOGPROBS: Any = ["message.output_text.logprobs"]


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    with openai.OpenAI(base_url=f"{url}/v1", api_key=case["key"], max_retries=0) as client:
        try:
            if not streamed:
                return heard(client.responses.create(**arguments(case)))
            last: Any
            with client.responses.stream(**arguments(case)) as stream:
                *_, last = stream
            assert last.type in ENDS, last.type
            return heard(last.response)
        except openai.APIError as exc:
            return {"texts": [], "failure": failed(exc)}


def arguments(case: Mapping[str, Any]) -> dict[str, Any]:
    fields = case["fields"]
    extra = {name: fields[name] for name in ("collections", "stop") if name in fields}
    asked: dict[str, Any] = {"model": case["model"], "input": case["question"], "extra_body": extra}
    for old, new in (("max_tokens", "max_output_tokens"), ("temperature", "temperature")):
        if old in fields:
            asked[new] = fields[old]
    if "tools" in fields:
        asked["tools"] = [{**tool["function"], "type": "function"} for tool in fields["tools"]]
        asked["tool_choice"] = fields.get("tool_choice", "auto")
    if "response_format" in fields:
        described = fields["response_format"]["json_schema"]
        asked["text"] = {"format": {**described, "type": "json_schema"}}
    if "logprobs" in fields:
        asked |= {"include": LOGPROBS, "top_logprobs": fields["top_logprobs"]}
    return asked


def heard(response: Response) -> Heard:
    if response.error:
        error = failure(ValueError(), 0, response.error.message, code=response.error.code)
        return {"texts": [response.output_text], "failure": error}
    usage = response.usage
    assert usage is not None
    calls = [call(e.name, e.arguments) for e in response.output if e.type == "function_call"]
    thoughts = [e.content or [] for e in response.output if e.type == "reasoning"]
    return {
        "texts": [response.output_text],
        "finishes": ["tool_calls" if calls else REASONS[response.status or ""]],
        "reasoning": "".join(part.text for parts in thoughts for part in parts),
        "calls": calls,
        "usage": {"prompt": usage.input_tokens, "completion": usage.output_tokens},
        "tokens": [
            [token.token, token.logprob]
            for item in response.output
            if item.type == "message"
            for part in item.content
            if part.type == "output_text"
            for token in part.logprobs or []
        ],
        "failure": None,
    }


if __name__ == "__main__":
    replay(read)
