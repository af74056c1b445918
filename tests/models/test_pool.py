from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import cast

import anyio
import gguf
import pytest

from tests import encoder_files
from tests.embedding import tiny_bert
from tests.gguf_files import tiny_embedder, tiny_llama
from tests.models.asking import ask, request
from trinax.embedding.llama import LlamaEmbedder
from trinax.embedding.static import StaticEmbedder
from trinax.errors import Busy, InvalidRequest, ModelFailed, ModelNotFound
from trinax.models.catalogue.catalogue import Catalogue, Installed
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.ondemand import EmbedderOnDemand
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import ModelInfo
from trinax.models.ranking.llama import LlamaRanker
from trinax.settings import Models, Roles

TOKEN_BYTES = 1024  # of each tiny model: what is counted at least


async def until(holds: Callable[[], bool]) -> None:
    deadline = anyio.current_time() + 10
    while not holds():
        assert anyio.current_time() < deadline
        await anyio.sleep(0.01)


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


def test_every_model_is_listed(pool: Pool, models: Path) -> None:
    files = sorted(path.stem for path in models.glob("*.gguf"))
    assert [info.id for info in pool.infos()] == [*files, "trinax-extract", "trinax-embed"]


def test_context_is_listed_as_a_request_can_have_it(pool: Pool) -> None:
    [info] = [info for info in pool.infos() if info.id == "counting"]
    assert info.context_tokens == 1024


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


def test_a_role_is_as_configured(models: Path) -> None:
    pool = Pool(Catalogue(models), Models(), wiring=Wiring(roles=Roles(deep="counting")))
    roles = {info.id: info.roles for info in pool.infos()}
    assert "deep" in roles["counting"]
    assert "deep" not in roles["endless"]
    pool.close()


@pytest.fixture
def narrow(models: Path) -> Iterator[Pool]:
    """With room for one of the models."""
    one_bytes = max(path.stat().st_size for path in models.glob("*.gguf")) + 1024 * TOKEN_BYTES
    settings = Models(threads=1, context_tokens=1024, memory_bytes=one_bytes)
    pool = Pool(Catalogue(models), settings)
    yield pool
    pool.close()


def test_a_model_larger_than_the_memory_for_models_is_listed_as_such(models: Path) -> None:
    pool = Pool(Catalogue(models), Models(threads=1, context_tokens=1024, memory_bytes=1000))
    assert {info.fits for info in pool.infos()} == {False}
    with pytest.raises(ModelFailed, match="memory"):
        pool.get("counting")
    pool.close()


def test_what_fits_is_listed_as_such(narrow: Pool) -> None:
    assert {info.id: info.fits for info in narrow.infos()}["counting"]


async def test_asking_another_model_frees_the_idle_one(narrow: Pool) -> None:
    first = cast(LlamaGenerator, narrow.get("counting"))
    await ask(first, max_tokens=1)
    before = first.loaded
    narrow.get("noise")
    assert (before, first.loaded) == (True, False)
    assert (await ask(first, max_tokens=1)).text == "one"


async def test_models_that_fit_together_stay(pool: Pool) -> None:
    first = cast(LlamaGenerator, pool.get("counting"))
    await ask(first, max_tokens=1)
    await ask(pool.get("noise"), max_tokens=1)
    assert first.loaded


async def test_a_model_at_work_is_left_alone(narrow: Pool) -> None:
    first = cast(LlamaGenerator, narrow.get("endless"))
    async with aclosing(first.generate(request(max_tokens=900))) as events:
        await anext(events)
        with pytest.raises(Busy):
            narrow.get("counting")
        assert first.loaded
        await anext(events)


def test_a_model_over_the_memory_is_refused(models: Path) -> None:
    pool = Pool(Catalogue(models), Models(memory_bytes=1000))
    with pytest.raises(ModelFailed, match="memory"):
        pool.get("counting")
    pool.close()


async def test_an_unused_model_leaves_memory(models: Path) -> None:
    pool = Pool(Catalogue(models), Models(threads=1, keep_alive_s=0.05))
    pool.start()
    generator = cast(LlamaGenerator, pool.get("counting"))
    await ask(generator, max_tokens=1)
    await until(lambda: not generator.loaded)
    assert (await ask(generator, max_tokens=1)).text == "one"
    pool.close()


async def test_models_are_there_from_the_start(models: Path) -> None:
    pool = Pool(Catalogue(models), Models(threads=1, preload=("counting",)))
    assert pool.loads() == []
    pool.start()
    await until(lambda: [load.model for load in pool.loads()] == ["counting"])
    generator = cast(LlamaGenerator, pool.get("counting"))
    await until(lambda: generator.loaded)
    pool.close()


async def test_what_cannot_be_preloaded_is_logged(
    own: Pool, models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"no")
    pool = Pool(Catalogue(tmp_path), Models(preload=("gone", "broken")))
    pool.start()
    await until(lambda: len(caplog.records) == 2)
    assert "No model named 'gone'" in caplog.text
    assert "not a GGUF file" in caplog.text
    pool.close()


def test_closing_waits_for_what_is_being_preloaded(models: Path) -> None:
    settings = Models(threads=1, preload=("counting", "noise", "endless"))
    pool = Pool(Catalogue(models), settings)
    pool.start()
    pool.close()


def test_loads_are_those_of_what_was_asked_for(pool: Pool) -> None:
    pool.get("counting")
    assert [load.model for load in pool.loads()] == ["counting", "trinax-extract"]
    assert {(load.running, load.waiting) for load in pool.loads()} == {(0, 0)}


def open_embedder(model: Installed) -> LlamaEmbedder:
    return LlamaEmbedder(model.info.id, model.path, threads=1)


def open_ranker(model: Installed) -> LlamaRanker:
    return LlamaRanker(model.info.id, model.path, threads=1)


@pytest.fixture
def encoders(tmp_path: Path) -> Iterator[Pool]:
    """An embedder "bert" and a ranker "rank", with room for both; "static" is the server's own."""
    tiny_bert.write(tmp_path / "bert.gguf")
    encoder_files.write_bert(tmp_path / "rank.gguf", gguf.PoolingType.RANK)
    wiring = Wiring(open_embedder, open_ranker, [StaticEmbedder()])
    pool = Pool(Catalogue(tmp_path), Models(threads=1), wiring=wiring)
    yield pool
    pool.close()


def test_an_embedder_is_opened_on_demand(encoders: Pool) -> None:
    embedder = encoders.embedder("bert")
    assert embedder is encoders.embedder("bert")
    assert embedder.queries(["dog"]).shape == (1, tiny_bert.WIDTH)


def test_a_ranker_is_opened_on_demand(encoders: Pool) -> None:
    [score] = encoders.ranker("rank").scores("when is the lamp lit", ["the lamp is lit at dusk"])
    assert 0 < score < 1


def test_the_servers_own_embedder_is_given_as_it_is(encoders: Pool) -> None:
    assert isinstance(encoders.embedder("trinax-embed"), StaticEmbedder)


def test_models_do_only_what_they_can(encoders: Pool) -> None:
    with pytest.raises(InvalidRequest, match="ranks, it does not write"):
        encoders.get("rank")
    with pytest.raises(InvalidRequest, match="ranks, it does not embed"):
        encoders.embedder("rank")
    with pytest.raises(InvalidRequest, match="embeds, it does not rank"):
        encoders.ranker("bert")
    with pytest.raises(ModelNotFound):
        encoders.ranker("gone")


def test_embedders_and_rankers_share_the_memory(tmp_path: Path) -> None:
    tiny_bert.write(tmp_path / "bert.gguf")
    ranked = encoder_files.write_bert(tmp_path / "rank.gguf", gguf.PoolingType.RANK)
    one_bytes = ranked.stat().st_size + 64 * TOKEN_BYTES
    settings = Models(threads=1, memory_bytes=one_bytes)
    pool = Pool(Catalogue(tmp_path), settings, wiring=Wiring(open_embedder, open_ranker))
    embedder = cast(EmbedderOnDemand, pool.embedder("bert"))
    embedder.queries(["dog"])
    pool.ranker("rank").scores("lamp", ["dusk"])
    assert not embedder.loaded
    assert embedder.queries(["dog"]).shape == (1, tiny_bert.WIDTH)
    pool.close()


def test_many_threads_share_a_small_memory(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        tiny_bert.write(tmp_path / f"{name}.gguf")
    room = (tmp_path / "a.gguf").stat().st_size + 64 * TOKEN_BYTES
    settings = Models(threads=1, memory_bytes=2 * room)
    pool = Pool(Catalogue(tmp_path), settings, wiring=Wiring(open_embedder))
    expected = pool.embedder("a").queries(["dog"])

    def use(number: int) -> bool:
        try:
            vectors = pool.embedder("abc"[number % 3]).queries(["dog"])
        except Busy:
            return True
        return bool((vectors == expected).all())

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(200)))
    pool.close()


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


async def test_what_is_in_memory_can_be_released(pool: Pool) -> None:
    await ask(pool.get("counting"))
    assert [held.info.id for held in pool.held()] == ["counting"]
    pool.release("counting")
    assert pool.held() == []


def test_a_header_can_be_read(pool: Pool) -> None:
    assert pool.metadata("counting")["general.architecture"] == "llama"
    with pytest.raises(ModelNotFound):
        pool.metadata("trinax-extract")


def ids(infos: list[ModelInfo]) -> set[str]:
    return {info.id for info in infos}


def test_other_models_are_as_if_there_were_none(pool: Pool) -> None:
    narrowed = pool.within(frozenset({"counting", "trinax-embed"}))
    assert ids(narrowed.infos()) == ids(narrowed.candidates()) == {"counting", "trinax-embed"}
    assert narrowed.get("counting") is pool.get("counting")
    for given in (narrowed.get, narrowed.embedder, narrowed.ranker, narrowed.metadata):
        with pytest.raises(ModelNotFound):
            given("endless")
    assert [load.model for load in narrowed.loads()] == ["counting"]


def test_auto_among_the_models_leaves_the_choice_free_and_names_nothing(pool: Pool) -> None:
    narrowed = pool.within(frozenset({"auto"}))
    assert narrowed.infos() == []
    assert ids(narrowed.candidates()) == ids(pool.infos())
    assert narrowed.candidates("endless") == []
    narrowed.check("auto", "endless")
    with pytest.raises(ModelNotFound):
        narrowed.check("endless", "endless")


def test_limits_of_models_add_up(pool: Pool) -> None:
    free = pool.within(frozenset({"counting", "endless"}))
    assert ids(free.within(frozenset({"auto"})).candidates()) == {"counting", "endless"}
    assert ids(free.within(frozenset({"endless", "noise"})).candidates()) == {"endless"}
    assert pool.within(None) is pool


def test_a_narrowed_pool_ends_with_the_whole(pool: Pool) -> None:
    narrowed = pool.within(frozenset({"counting"}))
    pool.close()
    with pytest.raises(ModelFailed, match="stopping"):
        narrowed.get("counting")
