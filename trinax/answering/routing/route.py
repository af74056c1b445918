"""Which model answers a request, and why."""

from collections.abc import Mapping, Sequence

from trinax.answering.records import Ask, Kind, Route
from trinax.answering.routing.kinds import kind
from trinax.errors import ModelNotFound
from trinax.models.extractive.limits import check
from trinax.models.ports import ModelInfo
from trinax.settings import Router

AUTO = "auto"
EXTRACTIVE = "trinax-extract"

# A context that holds instructions, a few passages and an answer.
GROUNDED_TOKENS = 1024

# The roles that suit each kind, best first.
ROLES: Mapping[Kind, tuple[str, ...]] = {
    "trivial": ("fast", "general", "deep", "coder"),
    "code": ("coder", "general", "deep", "fast"),
    "general": ("general", "deep", "fast", "coder"),
    "complex": ("deep", "general", "coder", "fast"),
}


def route(ask: Ask, installed: Sequence[ModelInfo], configured: Router) -> Route:
    """A model that a request names is never overridden.

    Raises ModelNotFound for an id that is not installed, UnsupportedParameter where the request
    needs a model that writes and gets one that quotes.
    """
    found, reasons = kind(ask.question)
    forced = ask.model != AUTO
    if forced:
        chosen, reasons = ask.model, ("the request names this model",)
    else:
        chosen, why = _suitable(found, ask, installed)
        reasons = (*reasons, why)
    kinds = {EXTRACTIVE: "extract"} | {info.id: info.kind for info in installed}
    if chosen not in kinds:
        raise ModelNotFound(chosen)
    if kinds[chosen] == "extract":
        check(ask.sampling, ask.tools, ask.format)
    return Route(found, chosen, reasons, forced)


def _suitable(found: Kind, ask: Ask, installed: Sequence[ModelInfo]) -> tuple[str, str]:
    writing = [info for info in installed if info.kind == "generate" and not info.problem]
    usable = [info for info in writing if _takes_passages(info)]
    if ask.collections == () or (ask.for_program and not usable):
        usable = writing
    for role in ROLES[found]:
        for info in usable:
            if role in info.roles:
                return info.id, f"{info.id} is the {role} model here"
    if usable:
        return usable[0].id, f"{usable[0].id} is the only kind of model here"
    if writing:
        return EXTRACTIVE, "no model here has a context for passages, so the best ones are quoted"
    return EXTRACTIVE, "no generative model is installed, so the best passages are quoted"


def _takes_passages(info: ModelInfo) -> bool:
    return info.context_tokens is None or info.context_tokens >= GROUNDED_TOKENS
