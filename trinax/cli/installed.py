"""The models that a server over these settings would offer."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trinax.configuration import profile
from trinax.errors import InvalidRequest, ModelNotFound
from trinax.llama.machine import machine_bytes
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.catalogue.memory import cache, models_bytes, token_bytes
from trinax.models.catalogue.roles import assigned
from trinax.models.ports import ModelInfo
from trinax.models.pull.choice import installed_as
from trinax.settings import Settings

# As the parts themselves say, which takes a second to import.
BUILT_IN = (
    ModelInfo("trinax-extract", "extract"),
    ModelInfo("trinax-embed", "embed", roles=("embed",)),
    ModelInfo("trinax-rank", "rank", roles=("rank",)),
)
# What the metadata has that is of use to a person, beside what a row has already.
TOLD = (
    "general.name", "general.license", "general.size_label", "general.languages",
    "tokenizer.ggml.model", "tokenizer.ggml.pre",
)  # fmt: skip


def models(settings: Settings) -> list[dict[str, Any]]:
    """Built-in ones first, then one row for each GGUF model, broken ones with their problem."""
    infos = [*BUILT_IN, *Catalogue(settings.models_dir).scan()]
    return [asdict(info) for info in assigned(infos, settings.roles)]


def missing(settings: Settings) -> tuple[str, list[dict[str, Any]]]:
    """The profile's name, and what it recommends that is not there: role, source, size_bytes."""
    chosen = profile(settings.models.profile, machine_bytes())
    ids = [row["id"] for row in models(settings)]
    rows = [
        {"role": role, "source": each.source, "size_bytes": each.size_bytes}
        for role, each in chosen.recommended.items()
        if not installed_as(each.source, ids)
    ]
    return chosen.name, rows


def show(settings: Settings, model_id: str) -> dict[str, Any]:
    """One model's row with its files, the memory that it needs and what its metadata tells.

    Raises ModelNotFound.
    """
    row = next((row for row in models(settings) if row["id"] == model_id), None)
    if row is None:
        raise ModelNotFound(model_id)
    if any(info.id == model_id for info in BUILT_IN):
        return row
    model = Catalogue(settings.models_dir).installed(model_id)
    return row | {
        "files": [str(path) for path, _, _ in model.parts],
        "memory": _memory(model, settings),
        "metadata": {key: model.metadata[key] for key in TOLD if key in model.metadata},
    }


def files(settings: Settings, model_id: str) -> list[Path]:
    """What is removed with a model. Raises ModelNotFound, InvalidRequest for a built-in one."""
    if any(info.id == model_id for info in BUILT_IN):
        raise InvalidRequest(f"{model_id!r} is a part of trinax.", "model")
    return [path for path, _, _ in Catalogue(settings.models_dir).installed(model_id).parts]


def _memory(model: Installed, settings: Settings) -> Mapping[str, int]:
    limits = (settings.models.context_tokens, model.info.context_tokens)
    context = min(limit for limit in limits if limit)
    a_token = token_bytes(model.metadata)
    tokens = cache(model, context, settings.models).tokens
    return {
        "weights_bytes": model.info.size_bytes,
        "bytes_a_token": a_token,
        "tokens_kept": tokens,
        "needed_bytes": model.info.size_bytes + tokens * a_token,
        "available_bytes": models_bytes(settings.models),
    }
