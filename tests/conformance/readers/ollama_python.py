"""The ollama package, which says the same in Ollama's words."""

from collections.abc import Mapping
from typing import Any

import ollama

from tests.conformance.readers.replaying import Heard, call, failure, replay

OPTIONS = {"max_tokens": "num_predict", "stop": "stop", "temperature": "temperature"}


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    client: Any = ollama.Client(url, headers={"authorization": f"Bearer {case['key']}"})
    parts: list[Any] = []
    try:
        answer = client.chat(**asked(case), stream=streamed)
        for part in answer if streamed else [answer]:
            parts.append(part)
        return heard(parts)
    except ollama.ResponseError as exc:
        told = "".join(part.message.content or "" for part in parts)
        # -1 is its way to say that there was none.
        status = max(0, exc.status_code)
        return {"texts": [told] if told else [], "failure": failure(exc, status, exc.error)}


def asked(case: Mapping[str, Any]) -> dict[str, Any]:
    fields = case["fields"]
    arguments: dict[str, Any] = {
        "model": case["model"],
        "messages": [{"role": "user", "content": case["question"]}],
        "options": {new: fields[old] for old, new in OPTIONS.items() if old in fields},
        "tools": fields.get("tools"),
    }
    if "response_format" in fields:
        arguments["format"] = fields["response_format"]["json_schema"]["schema"]
    return arguments


def heard(parts: list[Any]) -> Heard:
    last = parts[-1]
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    return {
        "texts": ["".join(part.message.content or "" for part in parts)],
        "finishes": [last.done_reason],
        "reasoning": "".join(part.message.thinking or "" for part in parts),
        "calls": [
            call(each.function.name, each.function.arguments)
            for part in parts
            for each in part.message.tool_calls or []
        ],
        "usage": {"prompt": last.prompt_eval_count, "completion": last.eval_count},
        "failure": None,
    }


if __name__ == "__main__":
    replay(read)
