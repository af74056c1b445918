"""litellm, which many agents and gateways speak through."""

import os
from collections.abc import Mapping
from typing import Any

# Its list of prices is fetched at import otherwise.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import importlib

import openai

from tests.conformance.readers.openai_shape import STREAMED, Saying, arguments, failed, whole
from tests.conformance.readers.replaying import Heard, replay

litellm: Any = importlib.import_module("litellm")
litellm.suppress_debug_info = True


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    said = Saying()
    asked = arguments(case)
    asked["model"] = f"openai/{asked['model']}"
    place = {"api_base": f"{url}/v1", "api_key": case["key"], "max_retries": 0}
    try:
        if not streamed:
            return whole(litellm.completion(**asked, **place))
        for chunk in litellm.completion(**asked, **place, **STREAMED):
            said.add(chunk)
        return said.heard()
    except openai.APIError as exc:  # of which litellm's own are leaves
        return said.heard() | {"failure": failed(exc)}


if __name__ == "__main__":
    replay(read)
