"""Chat templates run in a sandbox."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from trinax.models.chat.spans import tojson

logger = logging.getLogger(__name__)

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


class Template:
    """A template as GGUF files bring it; one that cannot be read refuses everything."""

    def __init__(self, source: str, bos: str = "", eos: str = "") -> None:
        self._special = {"bos_token": bos, "eos_token": eos}
        self._render: Callable[..., str] | None = None
        try:
            self._render = _environment().from_string(source).render if source else None
        except TemplateError as exc:
            logger.warning("a chat template cannot be read, a plain layout is used: %s", exc)

    @property
    def usable(self) -> bool:
        return self._render is not None

    def rendered(self, values: Mapping[str, Any]) -> str:
        """The prompt up to where the assistant writes; "" if the template refuses."""
        if self._render is None:
            return ""
        try:
            return self._render(add_generation_prompt=True, **self._special, **values)
        except REFUSALS as exc:
            logger.debug("the chat template refused: %s", exc)
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
    environment.filters["tojson"] = tojson
    environment.filters["safe"] = str  # prompts are no HTML: markup would escape what it joins
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


def _refuse(message: str) -> None:
    raise TemplateError(message)
