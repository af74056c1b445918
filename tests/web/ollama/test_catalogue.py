import re
from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gguf_files import CHATML

# Of VS Code's provider.
OLDEST = (0, 6, 4)


def tags(http: TestClient) -> dict[str, Any]:
    return {model["name"]: model for model in http.get("/api/tags").json()["models"]}


def shown(http: TestClient, model: str) -> Any:
    return http.post("/api/show", json={"model": model}).json()


def test_clients_are_told_that_ollama_is_there(http: TestClient) -> None:
    assert http.get("/").text == "Ollama is running"
    assert http.head("/").status_code == 200


def test_the_version_is_one_that_clients_accept(http: TestClient) -> None:
    version = http.get("/api/version").json()["version"]
    assert tuple(map(int, version.split("."))) >= OLDEST


def test_auto_is_listed_first(http: TestClient) -> None:
    assert [*tags(http)] == [
        "auto",
        "counting",
        "endless",
        "filling",
        "nomic",
        "trinax-extract",
        "trinax-embed",
    ]


def test_a_model_is_listed_with_its_details(http: TestClient) -> None:
    model = tags(http)["counting"]
    assert model["model"] == "counting"
    assert model["size"] > 700_000
    assert re.fullmatch(r"[0-9a-f]{64}", model["digest"])
    assert datetime.fromisoformat(model["modified_at"]).tzinfo is not None
    assert model["details"] == {
        "parent_model": "",
        "format": "gguf",
        "family": "llama",
        "families": ["llama"],
        "parameter_size": "185.0K",
        "quantization_level": "F32",
    }


def test_models_have_digests_of_their_own(http: TestClient) -> None:
    digests = [model["digest"] for model in tags(http).values()]
    assert len(set(digests)) == len(digests)


def test_capabilities_are_what_a_model_can_do(http: TestClient) -> None:
    found = {name: model["capabilities"] for name, model in tags(http).items()}
    assert found == {
        "auto": ["completion", "tools", "insert"],
        "counting": ["completion", "tools"],
        "endless": ["completion", "tools", "thinking"],
        "filling": ["completion", "tools", "insert"],
        "nomic": ["embedding"],
        "trinax-extract": ["completion"],
        "trinax-embed": ["embedding"],
    }


def test_every_listed_model_can_be_shown_with_its_context(http: TestClient) -> None:
    for name in tags(http):
        found = shown(http, name)
        architecture = found["model_info"]["general.architecture"]
        assert found["model_info"][f"{architecture}.context_length"] > 0
        assert found["model_info"]["general.basename"]
        assert found["capabilities"]


def test_a_model_is_shown_as_it_runs_here(http: TestClient) -> None:
    found = shown(http, "counting")
    assert found["model_info"]["llama.context_length"] == 4096
    assert found["parameters"] == "num_ctx 4096"
    assert found["template"] == CHATML
    assert not any(isinstance(value, list) for value in found["model_info"].values())


def test_continue_sees_that_a_model_fills_in(http: TestClient) -> None:
    assert ".Suffix" in shown(http, "filling")["template"]
    assert ".Suffix" not in shown(http, "counting")["template"]


@pytest.mark.parametrize("name", ["counting", "counting:latest", "auto:latest"])
def test_a_tag_may_be_there_or_not(http: TestClient, name: str) -> None:
    assert http.post("/api/show", json={"model": name}).status_code == 200
    assert http.post("/api/show", json={"name": name}).status_code == 200


@pytest.mark.parametrize("name", ["counting:7b", "nothing", "nothing:latest"])
def test_an_unknown_model_is_not_found(http: TestClient, name: str) -> None:
    answer = http.post("/api/show", json={"model": name})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")


def test_models_in_memory_are_listed(own: TestClient) -> None:
    own.post("/api/generate", json={"model": "counting"})
    [model] = [m for m in own.get("/api/ps").json()["models"] if m["name"] == "counting"]
    assert model["context_length"] == 4096
    assert model["size"] > 700_000
    assert model["size_vram"] in (0, model["size"])
    assert datetime.fromisoformat(model["expires_at"]) > datetime.now().astimezone()
    own.post("/api/generate", json={"model": "counting:latest", "keep_alive": 0})
    assert "counting" not in [m["name"] for m in own.get("/api/ps").json()["models"]]
