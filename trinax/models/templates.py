"""Chat templates: messages to prompt text in which it stays known who wrote what."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from trinax.models.ports import Message

logger = logging.getLogger(__name__)

# Stands for a message's text while the template is rendered; survives trim, upper and tojson.
PLACEHOLDER = "@@TRINAX-{}@@"
PLACED = re.compile(r"@@TRINAX-(\d+)@@")
# What a template raises on purpose, and what its expressions can run into.
REFUSALS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
Turn = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of prompt. trusted: written by the template, so its special tokens count."""

    text: str
    trusted: bool


class ChatTemplate:
    """A GGUF's chat template, or a plain layout where there is none or it cannot be used.

    Message texts never pass through the template: placeholders do, so no text can pose as the
    template's. What that costs: a template that looks into the texts sees placeholders.
    """

    def __init__(self, source: str, bos: str = "", eos: str = "") -> None:
        self._special = {"bos_token": bos, "eos_token": eos}
        self._render: Callable[..., str] | None = None
        try:
            self._render = _environment().from_string(source).render if source else None
        except TemplateError as exc:
            logger.warning("a chat template cannot be read, a plain layout is used: %s", exc)

    def spans(self, messages: Sequence[Message]) -> list[Span]:
        """The prompt up to where the assistant writes; every message's text is in it."""
        texts = [message.content for message in messages]
        placed = [
            {"role": message.role, "content": PLACEHOLDER.format(index)}
            for index, message in enumerate(messages)
        ]
        for turns in (placed, _without_system(placed), _alternating(placed)):
            rendered = self._rendered(turns)
            if _complete(rendered, texts):
                return _cut(rendered, texts)
        return _cut(_plain(placed), texts)

    @property
    def stop(self) -> tuple[str, ...]:
        """What ends an answer where no end-of-turn token does."""
        return () if self._render else ("\nUser:", "\nSystem:")

    def _rendered(self, turns: Sequence[Turn]) -> str:
        if self._render is None:
            return ""
        try:
            return self._render(messages=turns, add_generation_prompt=True, **self._special)
        except REFUSALS as exc:
            logger.debug("the chat template refused these roles: %s", exc)
            return ""


class _Generation(Extension):
    """{% generation %} marks what a model wrote, for training; here it marks nothing."""

    tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _environment() -> ImmutableSandboxedEnvironment:
    # As transformers sets it up, which is what templates are written for.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


def _tojson(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _without_system(turns: Sequence[Turn]) -> list[Turn]:
    """System texts put before the first user's."""
    system = [turn["content"] for turn in turns if turn["role"] == "system"]
    others = [turn for turn in turns if turn["role"] != "system"]
    first = next((i for i, turn in enumerate(others) if turn["role"] == "user"), None)
    if not system or first is None:
        return [{**turn, "role": "user"} if turn["role"] == "system" else turn for turn in turns]
    content = "\n\n".join([*system, others[first]["content"]])
    return [*others[:first], {"role": "user", "content": content}, *others[first + 1 :]]


def _alternating(turns: Sequence[Turn]) -> list[Turn]:
    """User and assistant in turn, beginning with the user; neighbours of one side are joined."""
    joined: list[dict[str, str]] = []
    for turn in turns:
        role = "assistant" if turn["role"] == "assistant" else "user"
        if joined and joined[-1]["role"] == role:
            joined[-1]["content"] += "\n\n" + turn["content"]
        else:
            joined.append({"role": role, "content": turn["content"]})
    if joined and joined[0]["role"] == "assistant":
        joined.insert(0, {"role": "user", "content": ""})
    return list(joined)


def _plain(turns: Sequence[Turn]) -> str:
    lines = [f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns]
    return "\n".join([*lines, "Assistant:"])


def _cut(rendered: str, texts: Sequence[str]) -> list[Span]:
    def spans() -> Iterator[Span]:
        for index, part in enumerate(PLACED.split(rendered)):
            # re.split alternates: text of the template, number of a placeholder, …
            yield Span(texts[int(part)], False) if index % 2 else Span(part, True)

    return [span for span in spans() if span.text]


def _complete(rendered: str, texts: Sequence[str]) -> bool:
    placed = {int(number) for number in PLACED.findall(rendered)}
    wanted = {index for index, text in enumerate(texts) if text}
    return bool(rendered) and wanted <= placed <= set(range(len(texts)))
