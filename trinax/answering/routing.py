"""Which model answers a request, and why."""

from collections.abc import Mapping, Sequence

from trinax.answering.kinds import kind
from trinax.answering.records import Kind, Route
from trinax.errors import ModelNotFound
from trinax.models.ports import ModelInfo

AUTO = "auto"
EXTRACTIVE = "trinax-extract"

# The roles that suit each kind, best first.
ROLES: Mapping[Kind, tuple[str, ...]] = {
    "trivial": ("fast", "general", "deep", "coder"),
    "code": ("coder", "general", "deep", "fast"),
    "general": ("general", "deep", "fast", "coder"),
    "complex": ("deep", "general", "coder", "fast"),
}


def route(text: str, model: str, installed: Sequence[ModelInfo]) -> Route:
    """text: the question. model: an id, which is never overridden, or "auto".

    Raises ModelNotFound for an id that is not installed.
    """
    found, reasons = kind(text)
    if model != AUTO:
        if all(info.id != model for info in installed):
            raise ModelNotFound(model)
        return Route(found, model, ("the request names this model",), forced=True)
    chosen, why = _suitable(found, installed)
    return Route(found, chosen, (*reasons, why), forced=False)


def _suitable(found: Kind, installed: Sequence[ModelInfo]) -> tuple[str, str]:
    usable = [info for info in installed if info.kind == "generate" and not info.problem]
    for role in ROLES[found]:
        for info in usable:
            if role in info.roles:
                return info.id, f"{info.id} is the {role} model here"
    if usable:
        return usable[0].id, f"{usable[0].id} is the only kind of model here"
    return EXTRACTIVE, "no generative model is installed, so the best passages are quoted"
