import os
from pathlib import Path

import gguf
import pytest

from tests.gguf_files import parts_of_a_model, tiny_embedder, tiny_llama
from trinax.errors import ModelNotFound
from trinax.models.catalogue.catalogue import Catalogue
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


@pytest.mark.parametrize("name", [".pull/a.gguf", "._a.gguf"])
def test_hidden_files_are_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / ".pull").mkdir()
    tiny_llama(tmp_path / name)
    assert Catalogue(tmp_path).scan() == []


def test_links_lead_to_models(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.gguf").symlink_to(tiny_llama(tmp_path / "a.gguf"))
    (tmp_path / "models" / "gone.gguf").symlink_to(tmp_path / "gone")
    assert only(tmp_path / "models").id == "a"


def test_no_folder_has_no_models(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "absent").scan() == []


def test_a_context_of_zero_is_unknown(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf", context_tokens=0)
    assert only(tmp_path).context_tokens is None


def test_an_embedding_model_is_known_by_its_pooling(tmp_path: Path) -> None:
    tiny_embedder(tmp_path / "e.gguf")
    assert (only(tmp_path).kind, only(tmp_path).roles) == ("embed", ("embed",))


@pytest.mark.parametrize(
    ("pooling", "name"),
    [
        (gguf.PoolingType.MEAN, "mean"),
        (gguf.PoolingType.CLS, "cls"),
        (gguf.PoolingType.LAST, "last"),
    ],
)
def test_an_embedding_model_names_its_pooling(
    tmp_path: Path, pooling: gguf.PoolingType, name: str
) -> None:
    tiny_embedder(tmp_path / "e.gguf", pooling)
    assert only(tmp_path).pooling == name


def test_a_ranking_model_is_known_by_its_pooling(tmp_path: Path) -> None:
    tiny_embedder(tmp_path / "e.gguf", gguf.PoolingType.RANK)
    info = only(tmp_path)
    assert (info.kind, info.roles, info.pooling, info.problem) == ("rank", ("rank",), "rank", "")


def test_a_chat_template_is_noted(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "chat.gguf")
    tiny_llama(tmp_path / "plain.gguf", template="")
    assert [info.template for info in Catalogue(tmp_path).scan()] == [True, False]


def test_a_file_is_its_source(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    assert only(tmp_path).source == "file"


def test_parts_are_one_model(tmp_path: Path) -> None:
    first, second = parts_of_a_model(tmp_path, "big")
    info = only(tmp_path)
    assert (info.id, info.parameters, info.problem) == ("big", 4 * 8 + 2 * 8, "")
    assert info.size_bytes == first.stat().st_size + second.stat().st_size
    assert Catalogue(tmp_path).path("big") == first


def test_a_model_in_parts_and_whole_is_two(tmp_path: Path) -> None:
    parts_of_a_model(tmp_path, "big")
    tiny_llama(tmp_path / "big.gguf")
    infos = Catalogue(tmp_path).scan()
    assert [(info.id, info.problem) for info in infos] == [("big", ""), ("big-2", "")]


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


def test_the_models_there_share_the_roles(tmp_path: Path) -> None:
    parts_of_a_model(tmp_path, "small")
    tiny_llama(tmp_path / "large.gguf")
    assert roles(tmp_path) == {"small": ("fast",), "large": ("general", "deep")}


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
