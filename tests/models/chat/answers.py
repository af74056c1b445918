"""Answers in the ways that models write them, and what is read of them."""

from collections.abc import Iterable, Sequence

from trinax.models.chat.events import Event, Said
from trinax.models.chat.format import ChatFormat
from trinax.models.ports import Tool, Tools

WEATHER = Tool(
    "weather",
    "Tells the weather.",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "tags": {"type": "array"},
        },
        "required": ["city"],
    },
)
MAIL = Tool("mail", "Sends a mail.", {"type": "object", "properties": {"to": {"type": "string"}}})
TOOLS = Tools((WEATHER, MAIL))

# What the templates of a family mention, which is all that tells it.
HERMES = "<tool_call> </tool_call>"
QWEN = "<tool_call> </tool_call> </think>"
CODER = "<tool_call> <function= <parameter="
GLM = "<tool_call> <arg_key> </think>"
LLAMA = "<|python_tag|>"
MISTRAL = "[TOOL_CALLS] [ARGS] [/THINK]"
NEMO = "[TOOL_CALLS]"
GEMMA = '<|tool_call> <|"|> <channel|>'
FUNCTION_GEMMA = "<start_function_call> <escape>"
DEEPSEEK_R1 = "<｜tool▁calls▁begin｜> ```json </think>"
DEEPSEEK_V3 = "<｜tool▁calls▁begin｜> </think>"
DEEPSEEK_V3_2 = "｜DSML｜ function_calls> </think>"
KIMI = "<|tool_calls_section_begin|>"
PHI = "<|tool_call|> <|/tool_call|>"
HARMONY = "<|start|> <|channel|> <|message|>"
TEMPLATES = {
    "hermes": HERMES,
    "qwen": QWEN,
    "coder": CODER,
    "glm": GLM,
    "llama": LLAMA,
    "mistral": MISTRAL,
    "nemo": NEMO,
    "gemma": GEMMA,
    "function_gemma": FUNCTION_GEMMA,
    "deepseek_r1": DEEPSEEK_R1,
    "deepseek_v3": DEEPSEEK_V3,
    "deepseek_v3_2": DEEPSEEK_V3_2,
    "kimi": KIMI,
    "phi": PHI,
    "harmony": HARMONY,
}

Read = list[tuple[str, ...]]


def read(
    template: str,
    text: str,
    cuts: Iterable[int] = (),
    opening: str = "",
    tools: Tools = TOOLS,
) -> Read:
    """The answer in pieces: ("answer", text), ("reasoning", text), ("call", name, arguments)."""
    parser = ChatFormat(template).parser(tools, opening)
    events: list[Event] = []
    start = 0
    for cut in (*cuts, len(text)):
        events += parser.feed(text[start:cut])
        start = cut
    return merged([*events, *parser.finish()])


def merged(events: Sequence[Event]) -> Read:
    parts: Read = []
    for event in events:
        if isinstance(event, Said):
            before = parts.pop()[1] if parts and parts[-1][0] == event.channel else ""
            parts.append((event.channel, before + event.text))
        elif event.name:
            parts.append(("call", event.name, event.arguments))
        else:
            kind, name, arguments = parts.pop()
            parts.append((kind, name, arguments + event.arguments))
    return parts
