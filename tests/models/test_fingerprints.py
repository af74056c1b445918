from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.embedding import tiny_bert
from trinax.embedding.llama import LlamaEmbedder
from trinax.embedding.ports import model_of
from trinax.embedding.static import StaticEmbedder
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.fingerprints import embedder_of
from trinax.models.pool import Pool, Wiring
from trinax.models.ports import ModelInfo
from trinax.settings import Models


@pytest.fixture(scope="module")
def built_in() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture
def pool(tmp_path: Path, built_in: StaticEmbedder) -> Iterator[Pool]:
    """The built-in embedder and tiny-bert.gguf."""
    tiny_bert.write(tmp_path / "tiny-bert.gguf")
    listed = [ModelInfo(built_in.id, "embed", roles=("embed",))]
    wiring = Wiring(lambda model: LlamaEmbedder(model.info.id, model.path), embedders=[built_in])
    with closing(Pool(Catalogue(tmp_path), Models(), [], listed, wiring)) as pool:
        yield pool


def fingerprint(file: Path) -> str:
    with closing(LlamaEmbedder(file.stem, file)) as embedder:
        return embedder.fingerprint


def test_a_fingerprint_names_its_model(tmp_path: Path, built_in: StaticEmbedder) -> None:
    assert model_of(built_in.fingerprint) == built_in.id
    assert model_of(fingerprint(tiny_bert.write(tmp_path / "tiny-bert.gguf"))) == "tiny-bert"


def test_an_installed_model_is_found_by_its_fingerprint(
    pool: Pool, built_in: StaticEmbedder, tmp_path: Path
) -> None:
    assert embedder_of(built_in.fingerprint, pool) is built_in
    made_by = fingerprint(tmp_path / "tiny-bert.gguf")
    found = embedder_of(made_by, pool)
    assert found is not None
    assert (found.id, found.fingerprint) == ("tiny-bert", made_by)


def test_a_model_that_is_gone_or_became_another_is_not_found(pool: Pool, tmp_path: Path) -> None:
    made_by = fingerprint(tmp_path / "tiny-bert.gguf")
    name, *_ = made_by.rsplit("-", 2)
    assert embedder_of(f"{name}-0000-0000", pool) is None
    assert embedder_of("never-there-0000-0000", pool) is None
    (tmp_path / "tiny-bert.gguf").unlink()
    assert embedder_of(made_by, pool) is None


def test_a_broken_file_is_no_model(pool: Pool, tmp_path: Path) -> None:
    made_by = fingerprint(tmp_path / "tiny-bert.gguf")
    whole = (tmp_path / "tiny-bert.gguf").read_bytes()
    (tmp_path / "tiny-bert.gguf").write_bytes(whole[: len(whole) // 2])
    assert embedder_of(made_by, pool) is None
