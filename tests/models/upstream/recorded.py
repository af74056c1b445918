"""Answers as servers write them; those in wires/ say "Hello there" or call two functions."""

import json
from pathlib import Path
from typing import Any

DONE = b"data: [DONE]\n\n"


def recorded(name: str) -> bytes:
    return (Path(__file__).parent / "wires" / f"{name}.sse").read_bytes()


def frame(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return frame({"id": "c", "object": "chat.completion.chunk", "choices": [choice]})


OPENAI = recorded("openai")
# Thoughts in "reasoning_content"; CRLF, as a proxy may make it.
VLLM = recorded("vllm").replace(b"\n", b"\r\n")
LLAMA_SERVER = recorded("llama-server")
# Thoughts in "reasoning", no usage.
OLLAMA = recorded("ollama")
OPENAI_CALLS = recorded("openai-calls")
COMPLETION = recorded("completion")
BEGINNING = chunk({"role": "assistant", "content": ""}) + chunk({"content": "Hello"})
