"""Which model serves for what."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from trinax.models.ports import ModelInfo, ModelKind
from trinax.settings import Roles

CODER = re.compile(r"(?<!en)(?<!de)code|devstral", re.IGNORECASE)
OF_THEIR_KIND: tuple[ModelKind, ...] = ("embed", "rank")


def chosen(infos: Iterable[ModelInfo]) -> dict[str, tuple[str, ...]]:
    """Roles by id, by what the name says and by size among the models present: the smallest is
    fast, the largest deep, the middle one general."""
    infos = list(infos)
    usable = [info for info in infos if not info.problem]
    writing = [info for info in usable if info.kind == "generate"]
    plain = [info for info in writing if not CODER.search(info.id)] or writing
    plain.sort(key=lambda info: (info.parameters, info.id))
    named: dict[str, list[str]] = {info.id: [] for info in infos}
    places = (("fast", 0), ("general", len(plain) // 2), ("deep", -1))
    for role, place in places if plain else ():
        named[plain[place].id].append(role)
    for info in usable:
        if info.kind in OF_THEIR_KIND:
            named[info.id].append(info.kind)
        elif CODER.search(info.id):
            named[info.id].append("coder")
    return {model_id: tuple(roles) for model_id, roles in named.items()}


def assigned(infos: Sequence[ModelInfo], configured: Roles) -> list[ModelInfo]:
    """The models with the roles that the configuration gives them, which no other then has."""
    given = {
        role: info.id
        for role, model in asdict(configured).items()
        for info in infos
        if info.id == model and _can(info, role)
    }
    return [replace(info, roles=_roles(info, given)) for info in infos]


def refused(infos: Sequence[ModelInfo], configured: Roles) -> list[str]:
    """What the configuration says of roles and cannot be, as one clause each."""
    able = {(role, info.id) for role in asdict(configured) for info in infos if _can(info, role)}
    return [
        f"roles.{role} is {model!r}, which is not there or cannot do that"
        for role, model in asdict(configured).items()
        if model and (role, model) not in able
    ]


def _can(info: ModelInfo, role: str) -> bool:
    return not info.problem and info.kind == ("rank" if role == "rank" else "generate")


def _roles(info: ModelInfo, given: dict[str, str]) -> tuple[str, ...]:
    kept = [role for role in info.roles if given.get(role, info.id) == info.id]
    new = [role for role, model in given.items() if model == info.id and role not in kept]
    return (*kept, *new)
