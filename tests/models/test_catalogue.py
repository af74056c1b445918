import os
from pathlib import Path

import gguf
import pytest

from tests.gguf_files import parts_of_a_model, tiny_embedder, tiny_llama
from trinax.errors import ModelNotFound
from trinax.models.catalogue import Catalogue
from trinax.models.ports import ModelInfo


def only(folder: Path) -> ModelInfo:
    [info] = Catalogue(folder).scan()
    return info


def roles(folder: Path) -> dict[str, tuple[str, ...]]:
    return {info.id: info.roles for info in Catalogue(folder).scan()}


def test_a_model_is_described_by_its_header(tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "Tiny Llama-F32.gguf")
    info = only(tmp_path)
    assert info.id == "tiny-llama-f32"
    assert (info.kind, info.architecture, info.quantisation) == ("generate", "llama", "F32")
    assert (info.context_tokens, info.problem) == (2048, "")
    assert info.size_bytes == path.stat().st_size
    assert info.created_s == int(path.stat().st_mtime)


def test_no_folder_has_no_models(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "absent").scan() == []


def test_a_context_of_zero_is_unknown(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf", context_tokens=0)
    assert only(tmp_path).context_tokens is None


def test_an_embedding_model_is_known_by_its_pooling(tmp_path: Path) -> None:
    tiny_embedder(tmp_path / "e.gguf")
    assert (only(tmp_path).kind, only(tmp_path).roles) == ("embed", ("embed",))


def test_a_ranking_model_has_no_use(tmp_path: Path) -> None:
    tiny_embedder(tmp_path / "e.gguf", gguf.PoolingType.RANK)
    assert "ranks" in only(tmp_path).problem


def test_parts_are_one_model(tmp_path: Path) -> None:
    first, second = parts_of_a_model(tmp_path, "big")
    info = only(tmp_path)
    assert (info.id, info.parameters, info.problem) == ("big", 4 * 8 + 2 * 8, "")
    assert info.size_bytes == first.stat().st_size + second.stat().st_size
    assert Catalogue(tmp_path).path("big") == first


def test_a_missing_part_is_a_problem(tmp_path: Path) -> None:
    parts_of_a_model(tmp_path, "big")[1].unlink()
    assert only(tmp_path).problem == "1 of its 2 parts are here"


@pytest.mark.parametrize("content", [b"", b"not a model", b"GGUF\x03\x00\x00\x00"])
def test_a_broken_file_is_listed_with_its_reason(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.gguf").write_bytes(content)
    assert only(tmp_path).problem
    assert only(tmp_path).roles == ()


def test_a_file_cut_off_is_listed_with_what_it_is(tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:-1000])
    assert only(tmp_path).architecture == "llama"
    assert "1000 bytes are missing" in only(tmp_path).problem


def test_folders_tell_models_of_one_name_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        tiny_llama(tmp_path / folder / "same.gguf")
    tiny_llama(tmp_path / "other.gguf")
    assert list(roles(tmp_path)) == ["a-same", "b-same", "other"]


def test_built_in_names_are_not_taken(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "auto.gguf")
    assert only(tmp_path).id == "auto-2"


def test_an_only_model_does_everything(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    assert only(tmp_path).roles == ("fast", "general", "deep")


def test_roles_go_by_size(tmp_path: Path) -> None:
    parts_of_a_model(tmp_path, "small")
    tiny_llama(tmp_path / "b.gguf")
    tiny_llama(tmp_path / "c.gguf")
    assert roles(tmp_path) == {"small": ("fast",), "b": ("general",), "c": ("deep",)}


def test_a_coder_is_known_by_its_name(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    tiny_llama(tmp_path / "qwen-coder.gguf")
    tiny_llama(tmp_path / "decoder.gguf")
    assert roles(tmp_path)["qwen-coder"] == ("coder",)
    assert "coder" not in roles(tmp_path)["decoder"]


def test_changes_of_the_folder_are_seen(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    assert catalogue.scan() == []
    path = tiny_llama(tmp_path / "a.gguf")
    assert [info.id for info in catalogue.scan()] == ["a"]
    path.write_bytes(b"broken")
    os.utime(path, ns=(1, 1))
    assert catalogue.scan()[0].problem
    path.unlink()
    assert catalogue.scan() == []


def test_an_unknown_model_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        Catalogue(tmp_path).path("gpt-5")
