"""What each client sends, in its order, and what it has to find in the answers.

Taken from what the clients' own code sends; configs/editors/README.md says of which version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.conformance.cases import COUNT
from tests.editors import shapes

Form = Literal["whole", "sse", "lines"]
CODER = "coder"


@dataclass(frozen=True, slots=True)
class Exchange:
    """shape: of the answer, or of every frame. last: of the last one. shows: dotted path → what is
    there, or, of a set, what the list there has at least; of a stream the texts there joined, or
    the last value."""

    method: str
    path: str
    shape: Any
    body: Mapping[str, Any] | None = None
    form: Form = "whole"
    shows: Mapping[str, Any] = field(default_factory=dict)
    last: Any = None
    headers: Mapping[str, str] = field(default_factory=lambda: {"authorization": "Bearer none"})
    status: int = 200


ASKED = {"role": "user", "content": "Who is the keeper of the lighthouse?"}
SYSTEM = {"role": "system", "content": "You are a coding assistant."}
READ = {
    "type": "function",
    "function": {
        "name": "read_file",
        "description": "Reads a file.",
        "parameters": {
            "type": "object",
            "properties": {"path": {"type": "string", "description": "Of the file."}},
            "required": ["path"],
            "additionalProperties": False,
        },
    },
}
BEFORE, AFTER = "def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n"
USAGE = {"stream_options": {"include_usage": True}}
# What "auto" or the coder of the tests writes into the gap.
FILLED = f" {COUNT}"
CHAT = "/v1/chat/completions"
SAYS = "choices.0.delta.content"


def chat(shows: Mapping[str, Any] | None = None, last: Any = None, **fields: Any) -> Exchange:
    body = {"model": CODER, "messages": [SYSTEM, ASKED], "stream": True, **fields}
    seen = {SAYS: COUNT, "choices.0.finish_reason": "stop"} if shows is None else shows
    return Exchange("POST", CHAT, shapes.Chunk, body, "sse", seen, last)


def task(**fields: Any) -> Exchange:
    """Where neither documents are looked up nor tools are offered."""
    return replace(chat(**fields), path="/task/v1/chat/completions")


def whole_chat(**fields: Any) -> Exchange:
    body = {"model": CODER, "messages": [SYSTEM, ASKED], **fields}
    return Exchange("POST", CHAT, shapes.Answer, body, shows={"choices.0.message.content": COUNT})


def text(form: Form, **fields: Any) -> Exchange:
    shape = shapes.Text if form == "whole" else shapes.TextChunk
    body = {"model": "auto", **fields}
    return Exchange("POST", "/v1/completions", shape, body, form, {"choices.0.text": FILLED})


def show(shows: Mapping[str, Any], shape: Any = shapes.Shown, **body: str) -> Exchange:
    return Exchange("POST", "/api/show", shape, body, shows=shows, headers={})


TAGS = Exchange("GET", "/api/tags", shapes.Tags, shows={"models.0.name": "auto"}, headers={})
MODELS = Exchange("GET", "/v1/models", shapes.ModelNames, shows={"data.0.id": "auto"})

CONTINUE = (
    chat(tools=[READ], **USAGE),
    # Roles edit and apply.
    chat(collections=[], **USAGE),
    # It tells from the template whether a gap can be filled in.
    show({"capabilities": {"insert"}}, shapes.ShownToFillIn, name="auto"),
    Exchange(
        "POST",
        "/api/generate",
        shapes.Written,
        {
            "model": "auto",
            "prompt": BEFORE,
            "suffix": AFTER,
            "raw": False,
            "options": {
                "temperature": 0.01,
                "num_predict": 64,
                "num_ctx": 8192,
                "stop": ["<fim_prefix>", "/src/", "#- coding: utf-8", "```", "\ndef", "\nclass"],
            },
            "keep_alive": 1800,
            "stream": True,
        },
        "lines",
        {"response": FILLED, "done": True},
        headers={},
    ),
    Exchange(
        "POST",
        "/v1/embeddings",
        shapes.Vectors,
        {"model": "trinax-embed", "input": ["def add(a, b):", "def mul(a, b):"]},
        shows={"data.1.index": 1},
        headers={"authorization": "Bearer none", "api-key": "none"},
    ),
    Exchange(
        "POST",
        "/v1/rerank",
        shapes.Scores,
        {
            "model": "trinax-rank",
            "query": ASKED["content"],
            "documents": ["The lamp burns oil.", "The keeper is called Marta."],
        },
        shows={"data.0.index": 1, "results.0.index": 1},
    ),
)

CLINE = (
    chat(tools=[READ], tool_choice="auto", **USAGE),
    # By this code it knows to compact the conversation and try again.
    Exchange(
        "POST",
        CHAT,
        shapes.Failure,
        {
            "model": CODER,
            "messages": [{"role": "user", "content": "word " * 20_000}],
            "tools": [READ],
            "stream": True,
        },
        shows={"error.code": "context_length_exceeded"},
        status=400,
    ),
)

ROO = (
    MODELS,
    chat(
        temperature=0,
        messages=[
            {"role": "system", "content": [{"type": "text", "text": "You are Roo."}]},
            {"role": "user", "content": [{"type": "text", "text": ASKED["content"]}]},
        ],
        tools=[READ],
        tool_choice="auto",
        parallel_tool_calls=False,
        max_completion_tokens=4096,
        **USAGE,
    ),
    # Of Ollama's models it offers those with tools.
    TAGS,
    show({"capabilities": {"tools"}, "model_info.llama.context_length": 8192}, model=CODER),
    Exchange(
        "POST",
        "/v1/embeddings",
        shapes.PackedVectors,
        {"input": ["test"], "model": "trinax-embed", "encoding_format": "base64"},
    ),
)

ZED = (
    chat(tools=[READ], temperature=1.0, parallel_tool_calls=False, max_completion_tokens=4096),
    # A message for a commit.
    task(temperature=1.0, messages=[{"role": "user", "content": "Describe: x = 1 is now x = 2."}]),
    # Predictions, with the marks of the model already in the prompt.
    Exchange(
        "POST",
        "/v1/completions",
        shapes.Text,
        {
            "model": "auto",
            "prompt": f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
            "max_tokens": 64,
            "stop": ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"],
        },
    ),
    TAGS,
    show({"capabilities": {"completion", "tools"}}, model=CODER),
    Exchange(
        "POST",
        "/api/chat",
        shapes.Line,
        {
            "model": CODER,
            "messages": [SYSTEM, ASKED],
            "stream": True,
            "keep_alive": -1,
            "options": {"num_ctx": 4096, "stop": [], "temperature": 1.0},
            "tools": [],
            "think": None,
        },
        "lines",
        {"message.content": COUNT, "done": True},
    ),
    Exchange(
        "POST",
        "/api/generate",
        shapes.Written,
        {
            "model": CODER,
            "prompt": f"<fim_prefix>{BEFORE}<fim_suffix>{AFTER}<fim_middle>",
            "raw": True,
            "stream": False,
            "options": {
                "num_predict": 64,
                "temperature": 0.2,
                "stop": ["<|endoftext|>", "<|fim_pad|>", "<PRE>", "<SUF>", "<MID>", "[SUFFIX]"],
            },
        },
    ),
)

VS_CODE = (
    Exchange("GET", "/api/version", shapes.Version, headers={}),
    TAGS,
    # Every model that is listed, or the list is empty.
    show({"model_info.general.basename": "auto", "capabilities": {"tools"}}, model="auto"),
    show({"model_info.general.basename": "trinax-extract"}, model="trinax-extract"),
    show({"model_info.general.basename": "trinax-embed"}, model="trinax-embed"),
    show({"model_info.llama.context_length": 8192, "capabilities": {"tools"}}, model=CODER),
    chat(
        last=shapes.LastChunk,
        tools=[READ],
        temperature=0.1,
        top_p=1,
        n=1,
        **USAGE,
    ),
    text(
        "sse",
        prompt=BEFORE,
        suffix=AFTER,
        max_tokens=500,
        temperature=0,
        top_p=1,
        n=1,
        stop=["\n\n\n", "\n```"],
        stream=True,
    ),
)

OPENCODE = (
    chat(last=shapes.LastChunk, tools=[READ], tool_choice="auto", max_tokens=4096, **USAGE),
    task(last=shapes.LastChunk, max_tokens=4096, **USAGE),
)

CODECOMPANION = (
    # Where no model is named it takes the first of the list.
    MODELS,
    chat(last=shapes.LastChunk, **USAGE),
    whole_chat(collections=[], stream=False),
    TAGS,
    show({"capabilities": {"completion"}}, model="auto"),
)

AVANTE = (
    chat(
        messages=[
            SYSTEM,
            {"role": "user", "content": [{"type": "text", "text": ASKED["content"]}]},
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "read_file", "arguments": '{"path": "a.md"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "# A"},
        ],
        tools=[READ],
        max_tokens=4096,
    ),
)

MINUET = (
    text("sse", prompt=f"# language: python\n\n{BEFORE}", suffix=AFTER, max_tokens=64, stream=True),
)

GPTEL = (
    chat(last=shapes.LastChunk, **USAGE),
    whole_chat(stream=False),
    whole_chat(stream=False, collections=[]),
    Exchange(
        "POST",
        "/api/chat",
        shapes.Line,
        {"model": CODER, "messages": [SYSTEM, ASKED], "stream": True, "options": {}},
        "lines",
        {"message.content": COUNT, "eval_count": 10},
        headers={},
    ),
)

AIDER = (chat(temperature=0, collections=[]),)

LLM = (
    chat(last=shapes.LastChunk, tools=[READ], **USAGE),
    TAGS,
    Exchange(
        "POST",
        "/api/embed",
        shapes.Embedded,
        {"model": "trinax-embed", "input": ["hello"], "truncate": True},
        headers={},
    ),
)

CLIENTS: Mapping[str, tuple[Exchange, ...]] = {
    "continue": CONTINUE,
    "cline": CLINE,
    "roo": ROO,
    "zed": ZED,
    "vscode": VS_CODE,
    "opencode": OPENCODE,
    "codecompanion": CODECOMPANION,
    "avante": AVANTE,
    "minuet": MINUET,
    "gptel": GPTEL,
    "aider": AIDER,
    "llm": LLM,
}
