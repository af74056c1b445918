from collections.abc import Iterator
from pathlib import Path

import gguf
import pytest
from starlette.testclient import TestClient

from tests import encoder_files
from tests.gguf_files import CHATML, ENDLESS, tiny_llama
from tests.web.conftest import folders, serving
from trinax.settings import Settings

THINKING = CHATML + "{# <think> #}"


def installed(base: Path) -> Settings:
    """With a model that counts to ten, one that fills in so too, one that never stops and one that
    embeds."""
    settings = folders(base)
    models = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "counting.gguf", context_tokens=4096)
    tiny_llama(models / "filling.gguf", context_tokens=4096, fills_in=True)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=4096, template=THINKING)
    encoder_files.write_bert(models / "nomic.gguf", gguf.PoolingType.MEAN)
    return settings


@pytest.fixture(scope="package")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """For tests that change nothing."""
    with serving(installed(tmp_path_factory.mktemp("base"))) as http:
        for model in ("counting", "endless", "filling"):  # their threads start at the first request
            http.post("/api/chat", json={"model": model})
        yield http


@pytest.fixture
def own(tmp_path: Path) -> Iterator[TestClient]:
    """For tests that load and unload."""
    with serving(installed(tmp_path)) as http:
        yield http
