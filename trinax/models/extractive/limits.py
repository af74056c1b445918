"""What a model that only quotes cannot do."""

from trinax.errors import UnsupportedParameter
from trinax.models.ports import JsonFormat, Sampling, Tools

REASON = "'trinax-extract' only quotes documents; name or install a model that writes"


def check(sampling: Sampling, tools: Tools, format: JsonFormat | None) -> None:
    """Raises UnsupportedParameter for what would make a quote another answer than was asked for."""
    if format is not None:
        raise UnsupportedParameter("response_format", REASON)
    if tools.choice in ("required", "named"):
        raise UnsupportedParameter("tool_choice", REASON)
    if sampling.logprobs is not None:
        raise UnsupportedParameter("logprobs", REASON)
