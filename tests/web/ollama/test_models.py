from datetime import UTC, datetime

import pytest

from trinax.models.catalogue.gguf_metadata import Value
from trinax.models.ports import ModelInfo
from trinax.models.room import Held
from trinax.web.ollama import models

NOW = datetime.now(UTC)
CODER = ModelInfo("coder", "generate", "qwen2", 7_615_616_512, context_tokens=32_768)


def test_auto_has_the_context_that_any_of_the_models_has() -> None:
    small = ModelInfo("small", "generate", context_tokens=4096)
    huge = ModelInfo("huge", "generate", context_tokens=1024, fits=False)
    assert models.auto([CODER, small, huge]).context_tokens == 4096


def test_auto_fills_in_where_one_of_the_models_can() -> None:
    filling = ModelInfo("filling", "generate", fills_in=True)
    assert models.auto([CODER, filling]).fills_in
    assert not models.auto([CODER]).fills_in


def test_auto_without_a_model_that_writes_only_quotes() -> None:
    assert models.auto([ModelInfo("trinax-extract", "extract")]).kind == "extract"


def test_what_cannot_be_used_or_only_ranks_is_not_offered() -> None:
    broken = ModelInfo("broken", "generate", problem="it is cut off")
    assert [each.id for each in models.offered([broken, ModelInfo("rank", "rank")], [])] == ["auto"]


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("", "auto"),
        ("coder", "coder"),
        ("coder:latest", "coder"),
        ("far", "far:latest"),
        ("far:latest", "far:latest"),
        ("coder:7b", "coder:7b"),
    ],
)
def test_names_are_those_of_models_with_or_without_a_tag(name: str, model_id: str) -> None:
    assert models.named(name, [CODER, ModelInfo("far:latest", "generate")]) == model_id


@pytest.mark.parametrize(
    ("parameters", "size"), [(0, ""), (999, "999"), (137_000_000, "137.0M"), (8 * 10**9, "8.0B")]
)
def test_sizes_are_told_as_ollama_does(parameters: int, size: str) -> None:
    info = ModelInfo("a", "generate", parameters=parameters)
    assert models.shown(info, {}, NOW)["details"]["parameter_size"] == (size)


def test_what_a_header_recommends_is_told_as_parameters() -> None:
    header: dict[str, Value] = {"general.sampling.temp": 0.7, "general.sampling.top_k": 20}
    shown = models.shown(CODER, header, NOW)
    assert shown["parameters"].splitlines() == ["temperature 0.7", "top_k 20", "num_ctx 32768"]


def test_a_header_that_json_cannot_say_is_left_out() -> None:
    header: dict[str, Value] = {"qwen2.rope.freq_base": float("inf"), "qwen2.layers": (1, 2)}
    info = models.shown(CODER, header, NOW)["model_info"]
    assert "qwen2.rope.freq_base" not in info
    assert info["qwen2.layers"] == (1, 2)


def test_a_model_on_the_gpu_is_counted_there() -> None:
    held = Held(CODER, 5_000, 0.0)
    assert models.running(held, 300, on_gpu=True)["size_vram"] == 5_000
    assert models.running(held, 300, on_gpu=False)["size_vram"] == 0
