"""How much memory a model takes, and how much there is for models."""

from collections.abc import Mapping
from dataclasses import dataclass

from trinax.llama.machine import machine_bytes
from trinax.models.catalogue.catalogue import Installed
from trinax.models.catalogue.gguf_metadata import Value
from trinax.settings import Models

F16_BYTES, F32_BYTES = 2, 4
ALL_F32 = 0  # enum llama_ftype; such a model keeps its cache in f32
# Counted for a token of a model that keeps a state in place of keys and values.
LEAST_TOKEN_BYTES = 1024
# Of the machine's memory; the rest is for the index, the system and everything else.
MODELS_SHARE = 0.75
CONTEXTS = 4  # whole ones that a shared cache holds, where there is room
KEPT_CONTEXTS = 2  # beside those that answers have for themselves
# More than this is not taken to give every answer a context of its own.
SEPARATE_BYTES = 1 << 30
# Of what models may take, for one model's cache; so that the models of two roles stay together.
CACHE_SHARE = 0.25


def token_bytes(metadata: Mapping[str, Value]) -> int:
    """Bytes of one token's keys and values, over all layers; above 0.

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
    each = F32_BYTES if metadata.get("general.file_type") == ALL_F32 else F16_BYTES
    whole = heads * (key + value) * each
    own = max(0, layers - shared)
    return max(LEAST_TOKEN_BYTES, whole * own // (max(1, layers) * interval))


@dataclass(frozen=True, slots=True)
class Cache:
    """live_tokens: of running answers. kept_tokens: remembered beside them. separate: each running
    answer has a whole context of its own; else they share what there is."""

    live_tokens: int
    kept_tokens: int
    separate: bool

    @property
    def tokens(self) -> int:
        return self.live_tokens + self.kept_tokens


def cache(model: Installed, context_tokens: int, settings: Models) -> Cache:
    """How a model's cache is divided; its size is the setting, else what is of use, in its share
    of the memory for models. Never less than one context.

    Contexts of their own are a sixth faster with eight answers: attention on a CPU looks at every
    token of a shared cache, if only to leave it out. Small models have them.
    """
    limit_bytes = models_bytes(settings)
    room_bytes = min(int(CACHE_SHARE * limit_bytes), limit_bytes - model.info.size_bytes)
    each_bytes = token_bytes(model.metadata)
    kept = KEPT_CONTEXTS * context_tokens
    separate = settings.slots * context_tokens
    separate_bytes = (separate + kept) * each_bytes
    if not settings.cache_tokens and separate_bytes <= min(room_bytes, SEPARATE_BYTES):
        return Cache(separate, kept, separate=True)
    wanted = settings.cache_tokens or min(CONTEXTS * context_tokens, room_bytes // each_bytes)
    tokens = max(context_tokens, wanted)
    live = max(context_tokens, tokens - tokens // 2)
    return Cache(live, tokens - live, separate=False)


def needed_bytes(model: Installed, context_tokens: int, settings: Models) -> int:
    """Weights and cache while it is loaded, about."""
    tokens = cache(model, context_tokens, settings).tokens
    return model.info.size_bytes + tokens * token_bytes(model.metadata)


def models_bytes(settings: Models) -> int:
    """What all loaded models may take together."""
    return settings.memory_bytes or int(MODELS_SHARE * machine_bytes())
