"""The models that a server over these settings would offer."""

from dataclasses import asdict
from typing import Any

from trinax.models.catalogue import Catalogue
from trinax.models.ports import ModelInfo
from trinax.settings import Settings

# As the parts themselves say, which takes a second to import.
BUILT_IN = (
    ModelInfo("trinax-extract", "extract"),
    ModelInfo("trinax-embed", "embed", roles=("embed",)),
)


def models(settings: Settings) -> list[dict[str, Any]]:
    """Built-in ones first, then one row for each GGUF model, broken ones with their problem."""
    return [asdict(info) for info in (*BUILT_IN, *Catalogue(settings.models_dir).scan())]
