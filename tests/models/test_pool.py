from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import pytest

from tests.gguf_files import tiny_embedder, tiny_llama
from tests.models.asking import ask, request
from trinax.errors import InvalidRequest, ModelFailed, ModelNotFound
from trinax.models.catalogue import Catalogue
from trinax.models.extractive import ExtractiveGenerator
from trinax.models.llama import LlamaGenerator
from trinax.models.pool import Pool
from trinax.models.ports import ModelInfo
from trinax.settings import Models


@pytest.fixture
def pool(models: Path) -> Iterator[Pool]:
    pool = Pool(
        Catalogue(models),
        Models(threads=1, context_tokens=1024),
        builtin=[ExtractiveGenerator()],
        listed=[ModelInfo("trinax-embed", "embed")],
    )
    yield pool
    pool.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pool]:
    """Over tmp_path."""
    pool = Pool(Catalogue(tmp_path), Models(threads=1))
    yield pool
    pool.close()


def test_every_model_is_listed(pool: Pool) -> None:
    assert [info.id for info in pool.infos()] == [
        "counting",
        "endless",
        "noise",
        "trinax-extract",
        "trinax-embed",
    ]


def test_context_is_listed_as_a_request_can_have_it(pool: Pool) -> None:
    assert pool.infos()[0].context_tokens == 1024


def test_a_model_is_opened_once(pool: Pool) -> None:
    assert pool.get("counting") is pool.get("counting")


def test_built_in_models_are_found(pool: Pool) -> None:
    assert pool.get("trinax-extract").info.kind == "extract"


@pytest.mark.parametrize("name", ["gpt-5", "auto", ""])
def test_an_unknown_model_is_not_found(pool: Pool, name: str) -> None:
    with pytest.raises(ModelNotFound):
        pool.get(name)


def test_a_model_that_embeds_cannot_be_asked_to_write(own: Pool, tmp_path: Path) -> None:
    tiny_embedder(tmp_path / "e.gguf")
    with pytest.raises(InvalidRequest, match="embeds"):
        own.get("e")


def test_a_built_in_embedder_cannot_be_asked_to_write(pool: Pool) -> None:
    with pytest.raises(InvalidRequest, match="embeds"):
        pool.get("trinax-embed")


def test_a_file_with_a_problem_says_it(own: Pool, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"no")
    with pytest.raises(ModelFailed, match="not a GGUF file"):
        own.get("a")


async def test_asking_another_model_frees_the_idle_one(pool: Pool) -> None:
    first = cast(LlamaGenerator, pool.get("counting"))
    await ask(first, max_tokens=1)
    before = first.loaded
    pool.get("noise")
    assert (before, first.loaded) == (True, False)
    assert (await ask(first, max_tokens=1)).text == "one"


async def test_a_model_at_work_is_left_alone(pool: Pool) -> None:
    first = cast(LlamaGenerator, pool.get("endless"))
    async with aclosing(first.generate(request(max_tokens=900))) as events:
        await anext(events)
        pool.get("counting")
        assert first.loaded
        await anext(events)


async def test_a_replaced_file_is_another_model(own: Pool, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    assert (await ask(own.get("a"))).text.startswith("one two")
    tiny_llama(tmp_path / "a.gguf", ("▁ten", "<|im_end|>"), context_tokens=512)
    assert (await ask(own.get("a"))).text == "ten"


async def test_a_removed_file_is_not_found(own: Pool, tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "a.gguf")
    generator = own.get("a")
    path.unlink()
    with pytest.raises(ModelNotFound):
        own.get("a")
    with pytest.raises(ModelFailed):
        await ask(generator)


async def test_a_closed_pool_gives_nothing(own: Pool, tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    await ask(own.get("a"), max_tokens=1)
    own.close()
    own.close()
    with pytest.raises(ModelFailed):
        own.get("a")
