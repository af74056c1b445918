"""Which model answers a request, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from trinax.answering.records import Ask, Route
from trinax.answering.routing.conversation import of_conversation
from trinax.errors import Forbidden, InvalidRequest, ModelNotFound, NoGenerativeModel
from trinax.models import ports
from trinax.models.extractive.limits import check
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo, Turn
from trinax.settings import Kind, Router

AUTO = ports.AUTO
EXTRACTIVE = "trinax-extract"

# A context that holds instructions, a few passages and an answer.
GROUNDED_TOKENS = 1024
# A configured expression sees no more of a request: its author may not have thought of how long
# some expressions take on long texts.
RULE_CHARACTERS = 2000

# Told of a choice at most.
REASONS = 4
REPORT = "research reads many passages and weighs them"
TASK = "short work for a tool"

# The roles that suit each kind, best first.
ROLES: Mapping[Kind, tuple[str, ...]] = {
    "trivial": ("fast", "general", "deep", "coder"),
    "code": ("coder", "general", "deep", "fast"),
    "general": ("general", "deep", "fast", "coder"),
    "complex": ("deep", "general", "coder", "fast"),
}

Chosen = tuple[str, tuple[str, ...]]


def routed(ask: Ask, pool: Pool, configured: Router) -> Route:
    """route() to one of the models that the pool may give; of others nothing is told.

    Raises as route() does, ModelNotFound for what the pool may not give.
    """
    named = {kind: id for kind, id in configured.models.items() if pool.gives(AUTO, id)}
    chosen = route(ask, pool.candidates(ask.model), replace(configured, models=named))
    pool.check(ask.model, chosen.model)
    return chosen


def route(ask: Ask, installed: Sequence[ModelInfo], configured: Router) -> Route:
    """A model that a request names is never overridden. The reasons tell the kind's first, and at
    the end why this model.

    Raises ModelNotFound for an id that is not installed, UnsupportedParameter where the request
    needs a model that writes and gets one that quotes. Where a tool's work gets one that quotes,
    and nothing to quote from, InvalidRequest if that was named, else NoGenerativeModel. Forbidden
    for a model that costs money where none may.
    """
    found, reasons = _kind(ask, configured)
    forced = ask.model != AUTO
    if forced:
        chosen, reasons = ask.model, ("the request names this model",)
    else:
        chosen, why = _chosen(found, ask, installed, configured)
        reasons = (*reasons[: REASONS - len(why)], *why)
    kinds = {EXTRACTIVE: "extract"} | {info.id: info.kind for info in installed}
    if chosen not in kinds:
        raise ModelNotFound(chosen)
    check_paid(chosen, ask.turn, installed)
    if kinds[chosen] == "extract":
        _check_quoting(ask, forced)
    return Route(found, chosen, reasons, forced)


def check_paid(model: str, turn: Turn, infos: Sequence[ModelInfo]) -> None:
    """Raises Forbidden for a model that costs money where none may."""
    if not turn.paid and any(info.id == model and info.paid for info in infos):
        raise Forbidden(
            f"Model {model!r} costs money, and the plan of this API key has no such models; "
            "name another, or 'auto'."
        )


def _check_quoting(ask: Ask, forced: bool) -> None:
    # A person is told that quotes need documents; a tool would take those words for its title.
    if ask.purpose == "task" and not ask.retrieves:
        if forced:
            reason = f"Model {ask.model!r} quotes: send 'collections', or name one that writes."
            raise InvalidRequest(reason, "model")
        raise NoGenerativeModel
    check(ask.sampling, ask.tools, ask.format)


def writer(kind: Kind, usable: Sequence[ModelInfo], configured: Router) -> ModelInfo | None:
    """For a text that is continued as it is: the configured model of the kind, else the one whose
    role suits it best.

    usable: models that write, have no problem and fit; None where there are none.
    """
    wanted = configured.models.get(kind)
    named = next((info for info in usable if info.id == wanted), None)
    return named or _suited(kind, usable)[0]


def _kind(ask: Ask, configured: Router) -> tuple[Kind, tuple[str, ...]]:
    if ask.purpose == "report":
        return "complex", (REPORT,)
    if ask.purpose == "task":
        return "trivial", (TASK,)
    asked = ask.question[:RULE_CHARACTERS]
    for expression, name in configured.kinds.items():
        for kind in get_args(Kind):
            if kind == name and re.search(expression, asked):
                return kind, (f"it matches {expression!r} in router.kinds",)
    judgement = of_conversation(ask.messages)
    return judgement.kind, judgement.reasons


def _chosen(found: Kind, ask: Ask, installed: Sequence[ModelInfo], configured: Router) -> Chosen:
    """The configured model, else the one whose role suits best; what kept another out is told."""
    answering = {info.id: info for info in installed if info.kind in ("generate", "extract")}
    wanted = configured.models.get(found)
    hindrance = _hindrance(wanted, answering, ask.turn) if wanted else ""
    if wanted and not hindrance:
        return wanted, (f"router.models names {wanted} for this kind",)
    writing = [info for info in installed if info.kind == "generate" and not info.problem]
    writing = [info for info in writing if ask.turn.paid or not info.paid]
    fitting = [info for info in writing if info.fits]
    usable = [info for info in fitting if _takes_passages(info)]
    if not ask.retrieves or (ask.for_program and not usable):
        usable = fitting
    chosen, why = _by_role(found, _with_template(ask, usable), writing)
    if wanted:
        return chosen, (f"{wanted}, which router.models names for it, {hindrance}", why)
    large = [info.id for info in writing if not info.fits and ROLES[found][0] in info.roles]
    return chosen, (*(f"{each} does not fit in memory" for each in large[:1]), why)


def _hindrance(wanted: str, answering: Mapping[str, ModelInfo], turn: Turn) -> str:
    """Why a model cannot answer, "" if it can."""
    info = answering.get(wanted)
    if info is None:
        return "is not installed"
    if info.problem:
        return "cannot be used"
    if info.paid and not turn.paid:
        return "costs money"
    return "" if info.fits else "does not fit in memory"


def _by_role(
    found: Kind, usable: Sequence[ModelInfo], writing: Sequence[ModelInfo]
) -> tuple[str, str]:
    info, role = _suited(found, usable)
    if info:
        what = f"the {role} model" if role else "the only kind of model"
        return info.id, f"{info.id} is {what} here"
    if any(info.fits for info in writing):
        return EXTRACTIVE, "no model here has a context for passages, so the best ones are quoted"
    if writing:
        return EXTRACTIVE, "no model here fits in memory, so the best passages are quoted"
    return EXTRACTIVE, "no generative model is installed, so the best passages are quoted"


def _suited(found: Kind, usable: Sequence[ModelInfo]) -> tuple[ModelInfo | None, str]:
    """A model and its role, "" where none has a role of those that suit."""
    for role in ROLES[found]:
        for info in usable:
            if role in info.roles:
                return info, role
    return (usable[0] if usable else None), ""


def _takes_passages(info: ModelInfo) -> bool:
    return info.context_tokens is None or info.context_tokens >= GROUNDED_TOKENS


def _with_template(ask: Ask, usable: Sequence[ModelInfo]) -> Sequence[ModelInfo]:
    """For a program with tools those models that were made for a conversation, if there are any."""
    if not ask.tools.tools:
        return usable
    return [info for info in usable if info.template or info.source != "file"] or usable
