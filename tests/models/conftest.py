from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gguf_files import ENDLESS, tiny_llama, tiny_mamba
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.generation.precedence import Precedence
from trinax.settings import Models

Open = Callable[..., LlamaGenerator]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """counting: one to ten, then the end. endless: one, two, one, two, … noise: random tokens
    that depend on the whole context. state: the same by a
    model that keeps a state."""
    folder = tmp_path_factory.mktemp("models")
    tiny_llama(folder / "counting.gguf")
    tiny_llama(folder / "endless.gguf", ENDLESS, context_tokens=16_384)
    tiny_llama(folder / "noise.gguf", attention=0.3)
    tiny_mamba(folder / "state.gguf")
    return folder


@pytest.fixture
def opened(models: Path) -> Iterator[Open]:
    """Generators by file name, of one machine, closed at the end; settings as keywords."""
    opened: list[LlamaGenerator] = []
    precedence = Precedence()

    def open_(name: str, folder: Path = models, **settings: Any) -> LlamaGenerator:
        model = Catalogue(folder).installed(name)
        models = Models(threads=1, **settings)
        opened.append(LlamaGenerator(model, models, precedence=precedence))
        return opened[-1]

    yield open_
    for generator in opened:
        generator.close()
