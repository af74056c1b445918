"""From a request's parameters and a model's own defaults to one chain of samplers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from trinax.errors import InvalidRequest
from trinax.llama.samplers import Chain
from trinax.models.catalogue.gguf_metadata import Value
from trinax.models.ports import Sampling

SEEDS = 2**32 - 1  # llama.cpp reads the highest 32-bit seed as "any"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a request is silent. Source: llama.cpp, common_params_sampling."""

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05


def defaults(metadata: Mapping[str, Value]) -> Defaults:
    """The values that a GGUF recommends (general.sampling.*), ours for the others."""
    own = Defaults()
    return Defaults(
        temperature=_number(metadata.get("general.sampling.temp"), own.temperature),
        top_k=int(_number(metadata.get("general.sampling.top_k"), own.top_k)),
        top_p=_number(metadata.get("general.sampling.top_p"), own.top_p),
        min_p=_number(metadata.get("general.sampling.min_p"), own.min_p),
    )


def check(sampling: Sampling, vocabulary_size: int) -> None:
    """Raises InvalidRequest for a bias on a token that the model does not have."""
    for token in sampling.logit_bias:
        if not 0 <= token < vocabulary_size:
            raise InvalidRequest(
                f"logit_bias names token {token}; this model has 0 to {vocabulary_size - 1}.",
                "logit_bias",
            )


def chain(sampling: Sampling, own: Defaults, choice: int) -> Chain:
    """The samplers of one choice; choices of one seeded request differ, and repeat."""
    seed = secrets.randbelow(SEEDS) if sampling.seed is None else sampling.seed + choice
    return Chain(
        logit_bias=tuple(sampling.logit_bias.items()),
        repetition_penalty=sampling.repetition_penalty,
        presence_penalty=sampling.presence_penalty,
        frequency_penalty=sampling.frequency_penalty,
        top_k=max(0, own.top_k if sampling.top_k is None else sampling.top_k),
        top_p=own.top_p if sampling.top_p is None else sampling.top_p,
        min_p=own.min_p if sampling.min_p is None else sampling.min_p,
        temperature=own.temperature if sampling.temperature is None else sampling.temperature,
        seed=seed % SEEDS,
    )


def _number(value: Value | None, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
