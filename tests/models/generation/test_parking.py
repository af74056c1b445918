from pathlib import Path

import pytest

from tests.gguf_files import tiny_llama
from tests.models.asking import ask
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.generation.generator import LlamaGenerator
from trinax.settings import Models

PROMPT = "a text that is long enough to be worth a file " * 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_llama(tmp_path / "noise.gguf", attention=0.3)
    return tmp_path


def opened(folder: Path, parked: Path | None) -> LlamaGenerator:
    return LlamaGenerator(Catalogue(folder).installed("noise"), Models(threads=1), parked)


async def cached_after_a_restart(folder: Path, parked: Path | None) -> tuple[int, bool]:
    """How many tokens the second life need not compute, and whether it writes the same."""
    first = opened(folder, parked)
    before = await ask(first, PROMPT, max_tokens=20)
    first.close()
    second = opened(folder, parked)
    after = await ask(second, PROMPT, max_tokens=20)
    second.close()
    return after.finish.cached_tokens, after.text == before.text


async def test_a_computed_prompt_outlives_the_model(folder: Path) -> None:
    cached, same = await cached_after_a_restart(folder, folder / "parked")
    assert cached > len(PROMPT)
    assert same


async def test_without_a_folder_nothing_does(folder: Path) -> None:
    assert await cached_after_a_restart(folder, None) == (0, True)


async def test_what_another_file_computed_is_not_used(folder: Path) -> None:
    first = opened(folder, folder / "parked")
    await ask(first, PROMPT, max_tokens=5)
    first.close()
    tiny_llama(folder / "noise.gguf", attention=0.4)
    second = opened(folder, folder / "parked")
    assert (await ask(second, PROMPT, max_tokens=5)).finish.cached_tokens == 0
    second.close()


async def test_a_damaged_file_is_left_out(folder: Path) -> None:
    first = opened(folder, folder / "parked")
    before = await ask(first, PROMPT, max_tokens=20)
    first.close()
    for file in (folder / "parked").rglob("0*"):
        file.write_bytes(file.read_bytes()[:100])
    second = opened(folder, folder / "parked")
    after = await ask(second, PROMPT, max_tokens=20)
    second.close()
    assert (after.finish.cached_tokens, after.text) == (0, before.text)


async def test_a_folder_that_cannot_be_written_costs_only_the_cache(folder: Path) -> None:
    (folder / "parked").write_text("a file where the folder should be")
    assert await cached_after_a_restart(folder, folder / "parked") == (0, True)
