"""The openai package as it is, and streams put together by the caller."""

from collections.abc import Mapping
from typing import Any

import openai

from tests.conformance.readers.openai_shape import STREAMED, Saying, arguments, failed, whole
from tests.conformance.readers.replaying import Heard, replay


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    said = Saying()
    with openai.OpenAI(base_url=f"{url}/v1", api_key=case["key"], max_retries=0) as client:
        try:
            if not streamed:
                return whole(client.chat.completions.create(**arguments(case)))
            for chunk in client.chat.completions.create(**arguments(case), **STREAMED):
                said.add(chunk)
            return said.heard()
        except openai.APIError as exc:
            return said.heard() | {"failure": failed(exc)}


if __name__ == "__main__":
    replay(read)
