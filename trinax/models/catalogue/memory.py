"""How much memory a model takes, and how much there is for models."""

from collections.abc import Mapping

from trinax.llama.machine import machine_bytes
from trinax.models.catalogue.catalogue import Installed
from trinax.models.catalogue.gguf_metadata import Value
from trinax.settings import Models

F16_BYTES = 2
# Counted for a token of a model that keeps a state in place of keys and values.
LEAST_TOKEN_BYTES = 1024
# Of the machine's memory; the rest is for the index, the system and everything else.
MODELS_SHARE = 0.75
CONTEXTS = 4  # whole ones that a model's cache holds, where there is room
# Of what models may take, for one model's cache; so that the models of two roles stay together.
CACHE_SHARE = 0.25


def token_bytes(metadata: Mapping[str, Value]) -> int:
    """Bytes of one token's keys and values in a cache of f16, over all layers; above 0.

    As llama.cpp lays them out with sliding windows kept whole. An upper bound where layers
    share their cache, or keep a state instead, in a way that the header does not tell.
    """
    architecture = metadata.get("general.architecture", "")

    def numbers(key: str) -> tuple[int, ...]:
        value = metadata.get(f"{architecture}.{key}")
        listed = value if isinstance(value, tuple) else (value,)
        return tuple(max(0, number) for number in listed if isinstance(number, int))

    layers = max(numbers("block_count"), default=0)
    counts = numbers("attention.head_count_kv") or numbers("attention.head_count")
    heads = sum(counts) * (layers if len(counts) == 1 else 1)
    width = max(numbers("embedding_length"), default=0)
    queries = max(numbers("attention.head_count"), default=0)
    head = width // queries if queries > 0 else 0
    key = max(numbers("attention.key_length"), default=head)
    value = max(numbers("attention.value_length"), default=head)
    if numbers("attention.key_length_mla"):  # latent attention computes the values from the keys
        value = 0
    shared = max(numbers("attention.shared_kv_layers"), default=0)
    interval = max((1, *numbers("full_attention_interval")))
    whole = heads * (key + value) * F16_BYTES
    own = max(0, layers - shared)
    return max(LEAST_TOKEN_BYTES, whole * own // (max(1, layers) * interval))


def cache_tokens(model: Installed, context_tokens: int, settings: Models) -> int:
    """How many tokens a model's cache holds: the setting; else as many whole contexts as are of
    use, in its share of the memory for models. Never less than one context."""
    if settings.cache_tokens:
        return max(settings.cache_tokens, context_tokens)
    limit_bytes = models_bytes(settings)
    room_bytes = min(int(CACHE_SHARE * limit_bytes), limit_bytes - model.info.size_bytes)
    room = room_bytes // token_bytes(model.metadata)
    return max(context_tokens, min(CONTEXTS * context_tokens, room))


def models_bytes(settings: Models) -> int:
    """What all loaded models may take together."""
    return settings.memory_bytes or int(MODELS_SHARE * machine_bytes())
