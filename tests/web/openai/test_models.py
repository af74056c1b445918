from dataclasses import replace

from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.gguf_files import tiny_llama
from tests.web.conftest import serving
from trinax.models.ports import ModelInfo
from trinax.settings import Settings
from trinax.web.openai.models import auto, listed

SMALL = ModelInfo("small", "generate", context_tokens=4096)
LARGE = ModelInfo("large", "generate", context_tokens=32768)


def test_auto_stands_first_among_the_models(http: TestClient) -> None:
    said = http.get("/v1/models").json()
    assert said["object"] == "list"
    assert [model["id"] for model in said["data"]] == [
        "auto",
        "trinax-extract",
        "trinax-embed",
        "trinax-rank",
    ]
    for model in said["data"]:
        assert {"id", "object", "created", "owned_by", "capabilities"} <= set(model)


def test_a_broken_model_is_not_offered(settings: Settings) -> None:
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "broken.gguf").write_text("no model")
    with serving(settings) as http:
        offered = http.get("/v1/models").json()["data"]
        told = http.get("/v1/models/broken").json()
    assert "broken" not in [model["id"] for model in offered]
    assert "GGUF" in told["problem"]


def test_only_what_writes_can_call_tools(http: TestClient, settings: Settings) -> None:
    def capable(client: TestClient) -> dict[str, bool]:
        offered = client.get("/v1/models").json()["data"]
        return {model["id"]: "tools" in model["capabilities"] for model in offered}

    assert not any(capable(http).values())
    with serving(settings, Parrot("yes")) as writing:
        assert capable(writing) == {"auto": True, "parrot": True}


def test_one_model_can_be_asked_for(http: TestClient) -> None:
    assert http.get("/v1/models/trinax-extract").json()["id"] == "trinax-extract"
    assert http.get("/v1/models/none").json()["error"]["code"] == "model_not_found"


def test_a_context_is_told_wherever_clients_look_for_it(settings: Settings) -> None:
    settings.models_dir.mkdir(parents=True)
    tiny_llama(settings.models_dir / "counting.gguf", context_tokens=4096)
    with serving(settings) as http:
        told = http.get("/v1/models/counting").json()
    assert told["context_length"] == told["max_model_len"] == told["meta"]["n_ctx"] == 4096
    assert told["meta"]["size"] == told["size_bytes"] > 0


def test_auto_promises_what_every_model_has_room_for() -> None:
    assert auto([LARGE, SMALL]).context_tokens == 4096
    assert auto([LARGE, replace(SMALL, fits=False)]).context_tokens == 32768
    assert auto([LARGE, replace(SMALL, problem="it is cut short")]).context_tokens == 32768
    assert auto([LARGE, ModelInfo("vectors", "embed", context_tokens=512)]).context_tokens == 32768


def test_an_unknown_context_is_none() -> None:
    assert auto([]).context_tokens is None
    assert listed(ModelInfo("trinax-extract", "extract"))["context_length"] is None
