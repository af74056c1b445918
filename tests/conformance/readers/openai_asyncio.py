"""The openai package's other client, and its own way of putting a stream together."""

from collections.abc import Mapping
from typing import Any

import openai

from tests.conformance.readers.openai_shape import Saying, arguments, failed, whole
from tests.conformance.readers.replaying import Heard, replay_async

USAGE: dict[str, Any] = {"stream_options": {"include_usage": True}}


async def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    said = Saying()
    asked = arguments(case)
    async with openai.AsyncOpenAI(
        base_url=f"{url}/v1", api_key=case["key"], max_retries=0
    ) as client:
        try:
            if not streamed:
                return whole(await client.chat.completions.create(**asked))
            async with client.chat.completions.stream(**asked, **USAGE) as stream:
                async for event in stream:
                    if event.type == "chunk":
                        said.add(event.chunk)
                return whole(await stream.get_final_completion())
        except openai.LengthFinishReasonError as exc:
            # The helper raises where an answer was cut, with what there is of it.
            return whole(exc.completion)
        except openai.APIError as exc:
            return said.heard() | {"failure": failed(exc)}


if __name__ == "__main__":
    replay_async(read)
