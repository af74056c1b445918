from dataclasses import replace
from pathlib import Path

import pytest

from tests.gguf_files import tiny_llama
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.catalogue.gguf_metadata import Value
from trinax.models.catalogue.memory import Cache, cache, models_bytes, token_bytes
from trinax.settings import Models

KIB = 1024


def described(architecture: str, **values: Value) -> dict[str, Value]:
    """Keys with "__" for a dot."""
    named = {f"{architecture}.{key.replace('__', '.')}": each for key, each in values.items()}
    return {"general.architecture": architecture, **named}


LLAMA_3_8B = described(
    "llama",
    block_count=32,
    embedding_length=4096,
    attention__head_count=32,
    attention__head_count_kv=8,
)


def test_keys_and_values_of_llama_3_8b() -> None:
    # 2 x 32 layers x 8 heads x 128 values x 2 bytes, 1 GiB for 8 192 tokens.
    assert token_bytes(LLAMA_3_8B) == 128 * KIB


def test_without_grouped_heads_every_head_counts() -> None:
    values = {key: each for key, each in LLAMA_3_8B.items() if not key.endswith("head_count_kv")}
    assert token_bytes(values) == 512 * KIB


def test_heads_may_have_their_own_width() -> None:
    # Qwen3-0.6B: 28 layers, 8 heads of 128 for keys and values, 16 of 64 by its width.
    assert token_bytes(
        described(
            "qwen3",
            block_count=28,
            embedding_length=1024,
            attention__head_count=16,
            attention__head_count_kv=8,
            attention__key_length=128,
            attention__value_length=128,
        )
    ) == (112 * KIB)


def test_layers_may_differ() -> None:
    assert token_bytes(
        described(
            "lfm2",
            block_count=4,
            embedding_length=2048,
            attention__head_count=32,
            attention__head_count_kv=(0, 8, 0, 8),
        )
    ) == (2 * 16 * 64 * 2)


def test_a_hybrid_counts_its_layers_with_attention() -> None:
    values = LLAMA_3_8B | {"llama.full_attention_interval": 4}
    assert token_bytes(values) == 32 * KIB


def test_latent_attention_keeps_no_values() -> None:
    # DeepSeek-V2-Lite: 27 layers of 512 compressed values and 64 for the position.
    assert token_bytes(
        described(
            "deepseek2",
            block_count=27,
            embedding_length=2048,
            attention__head_count=16,
            attention__head_count_kv=1,
            attention__key_length=576,
            attention__value_length=512,
            attention__key_length_mla=192,
            attention__value_length_mla=128,
        )
    ) == (27 * 576 * 2)


def test_layers_that_share_a_cache_count_once() -> None:
    assert token_bytes(LLAMA_3_8B | {"llama.attention.shared_kv_layers": 16}) == 64 * KIB


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"general.architecture": "mamba", "mamba.block_count": 24},
        described("x", block_count="many", attention__head_count=0),
        described("x", block_count=-3, attention__head_count=-1, embedding_length=64),
        described("x", block_count=(), attention__head_count=(), embedding_length=()),
        described("x", full_attention_interval=0, block_count=2**62),
    ],
)
def test_what_tells_too_little_takes_something(values: dict[str, Value]) -> None:
    assert token_bytes(values) == 1024


@pytest.fixture
def model(tmp_path: Path) -> Installed:
    tiny_llama(tmp_path / "a.gguf")
    return Catalogue(tmp_path).installed("a")


def shared(model: Installed) -> Installed:
    """The same, too large for a context for each of its answers."""
    return replace(model, metadata={**model.metadata, "llama.block_count": 400})


def test_every_answer_of_a_small_model_has_a_context(model: Installed) -> None:
    assert cache(model, 1000, Models(slots=3)) == Cache(3000, 2000, separate=True)


def test_those_of_a_large_one_share_two_contexts(model: Installed) -> None:
    assert cache(shared(model), 1000, Models(memory_bytes=10**11)) == Cache(
        2000, 2000, separate=False
    )


def test_a_cache_holds_what_the_setting_says(model: Installed) -> None:
    assert cache(model, 1000, Models(cache_tokens=2500)) == Cache(1250, 1250, separate=False)


def test_a_cache_takes_no_more_than_a_quarter_of_the_memory(model: Installed) -> None:
    memory_bytes = 4 * 1500 * token_bytes(model.metadata)
    settings = Models(memory_bytes=memory_bytes)
    assert cache(model, 1000, settings) == Cache(1000, 500, separate=False)


def test_a_cache_takes_no_more_than_the_weights_leave(model: Installed) -> None:
    large = replace(model, info=replace(model.info, size_bytes=10_000_000))
    memory_bytes = 10_000_000 + 1500 * token_bytes(model.metadata)
    assert cache(large, 1000, Models(memory_bytes=memory_bytes)).tokens == 1500


@pytest.mark.parametrize("settings", [Models(memory_bytes=1), Models(cache_tokens=10)])
def test_a_cache_holds_one_context_at_least(model: Installed, settings: Models) -> None:
    assert cache(model, 1000, settings) == Cache(1000, 0, separate=False)


def test_models_have_what_the_setting_says() -> None:
    assert models_bytes(Models(memory_bytes=5)) == 5


def test_models_have_a_share_of_the_machine_by_default() -> None:
    assert 0 < models_bytes(Models()) < 2**50
