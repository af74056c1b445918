"""langchain-openai."""

import importlib
from collections.abc import Mapping
from typing import Any

import openai

from tests.conformance.readers.openai_shape import failed
from tests.conformance.readers.replaying import Heard, replay

ChatOpenAI = importlib.import_module("langchain_openai").ChatOpenAI


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    fields = dict(case["fields"])
    extra = {"collections": fields.pop("collections")}
    model = ChatOpenAI(
        model=case["model"],
        base_url=f"{url}/v1",
        api_key=case["key"],
        max_retries=0,
        stream_usage=True,
        extra_body=extra,
    ).bind(**fields)
    message: Any = None
    try:
        if streamed:
            for chunk in model.stream(case["question"]):
                message = chunk if message is None else message + chunk
        else:
            message = model.invoke(case["question"])
        return heard(message)
    except openai.APIError as exc:
        so_far = heard(message) if message is not None else {"texts": []}
        return so_far | {"failure": failed(exc)}


def heard(message: Any) -> Heard:
    counts = message.usage_metadata
    metadata = message.response_metadata
    tokens = (metadata.get("logprobs") or {}).get("content") or []
    reason = metadata.get("finish_reason")
    return {
        "texts": [message.content],
        "finishes": [reason] if reason else [],
        "calls": [{"name": c["name"], "arguments": c["args"]} for c in message.tool_calls],
        "usage": counts
        and {"prompt": counts["input_tokens"], "completion": counts["output_tokens"]},
        "tokens": [[each["token"], each["logprob"]] for each in tokens],
        "failure": None,
    }


if __name__ == "__main__":
    replay(read)
