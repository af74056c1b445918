from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.gguf_files import ENDLESS, tiny_llama
from tests.web.conftest import folders, serving
from tests.web.openai.completions.asking import COMPLETIONS, body


@pytest.fixture(scope="package")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With a model that counts to ten, one that fills in so, one that never stops and one that
    writes noise."""
    settings = folders(tmp_path_factory.mktemp("base"))
    models: Path = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "counting.gguf", context_tokens=512)
    tiny_llama(models / "filling.gguf", context_tokens=512, fills_in=True)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=512)
    tiny_llama(models / "noise.gguf", context_tokens=512, attention=0.1)
    with serving(settings) as http:
        for model in ("counting", "filling", "endless", "noise"):
            # Their threads start at the first request.
            http.post(COMPLETIONS, json=body(model=model, max_tokens=1))
        yield http
