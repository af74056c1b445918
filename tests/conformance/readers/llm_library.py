"""llm, with models that its extra-openai-models.yaml names."""

import importlib
import json
import os
import tempfile
import threading
from collections.abc import Mapping
from typing import Any

import openai

from tests.conformance.readers.openai_shape import failed
from tests.conformance.readers.replaying import Heard, replay

# Its own names for what a request may say.
OPTIONS = ("max_tokens", "stop", "temperature")
os.environ["LLM_USER_PATH"] = tempfile.mkdtemp()
llm = importlib.import_module("llm")
FILE = threading.Lock()


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    told = ""
    response = model(url, case["model"]).prompt(
        case["question"], stream=streamed, key=case["key"], **asked(case["fields"])
    )
    try:
        for part in response:
            told += part
        return heard(told, response)
    except openai.APIError as exc:
        return {"texts": [told] if told else [], "failure": failed(exc)}


def asked(fields: Mapping[str, Any]) -> dict[str, Any]:
    arguments = {name: fields[name] for name in OPTIONS if name in fields}
    if "stop" in arguments:
        (arguments["stop"],) = arguments["stop"]
    if "tools" in fields:
        functions = [tool["function"] for tool in fields["tools"]]
        arguments["tools"] = [
            llm.Tool(one["name"], one["description"], input_schema=one["parameters"])
            for one in functions
        ]
    if "response_format" in fields:
        arguments["schema"] = fields["response_format"]["json_schema"]["schema"]
    return arguments


def model(url: str, name: str) -> Any:
    """As `llm -m NAME` finds it, from a file in its user folder."""
    described = {
        "model_id": name,
        "model_name": name,
        "api_base": f"{url}/v1",
        "api_key_name": "trinax",
        "supports_tools": True,
        "supports_schema": True,
    }
    with FILE:
        # JSON is YAML too.
        (llm.user_dir() / "extra-openai-models.yaml").write_text(json.dumps([described]))
        return llm.get_model(name)


def heard(told: str, response: Any) -> Heard:
    counts = response.usage()
    answer = response.response_json
    # Of a stream it keeps one choice, put together.
    (first,) = answer.get("choices", [answer])
    return {
        "texts": [told],
        "finishes": [first["finish_reason"]],
        "calls": [{"name": c.name, "arguments": c.arguments} for c in response.tool_calls()],
        "usage": {"prompt": counts.input, "completion": counts.output},
        "failure": None,
    }


if __name__ == "__main__":
    replay(read)
