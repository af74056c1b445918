from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gguf
import pytest
from starlette.testclient import TestClient

from tests import encoder_files
from tests.gguf_files import ENDLESS, tiny_llama
from tests.web.asking import body
from tests.web.conftest import folders, serving
from tests.web.native.asking import CHAT
from trinax.settings import Models, Roles, Settings


def installed(base: Path) -> Settings:
    """With a model that counts to ten, which is the fast one, one that never stops and answers one
    request at a time, one that fills in and one that embeds."""
    settings = folders(base)
    models = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "counting.gguf", context_tokens=4096)
    tiny_llama(models / "filling.gguf", context_tokens=4096, fills_in=True)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=4096)
    encoder_files.write_bert(models / "nomic.gguf", gguf.PoolingType.MEAN)
    return replace(
        settings, models=Models(threads=1, slots=1), roles=Roles(fast="counting", deep="endless")
    )


@pytest.fixture(scope="package")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """For tests that change nothing."""
    with serving(installed(tmp_path_factory.mktemp("base"))) as http:
        for model in ("counting", "endless", "filling"):  # their threads start at the first request
            http.post(CHAT, json=body(model=model, max_tokens=1))
        yield http


@pytest.fixture(scope="package")
def quoting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Without any model but the built-in ones."""
    with serving(folders(tmp_path_factory.mktemp("base"))) as http:
        yield http
