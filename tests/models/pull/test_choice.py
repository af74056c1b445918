import pytest

from trinax.errors import InvalidRequest
from trinax.models.pull.choice import (
    Build,
    RemoteFile,
    Source,
    builds,
    choose,
    installed_as,
    source,
)


def files(*paths: str) -> list[RemoteFile]:
    return [RemoteFile(path, 1_000_000_000, "0" * 64) for path in paths]


def chosen(source: Source, *paths: str, file: str = "") -> list[str]:
    build = choose(source, builds(files(*paths)), file)
    return [part.path for part in build.files]


ANY = Source("acme/x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qwen/Qwen3-4B-GGUF", Source("Qwen/Qwen3-4B-GGUF")),
        ("Qwen/Qwen3-4B-GGUF:Q8_0", Source("Qwen/Qwen3-4B-GGUF", "Q8_0")),
        ("hf.co/acme/x.y_z:q4_k_m", Source("acme/x.y_z", "q4_k_m")),
        ("https://huggingface.co/acme/x/", Source("acme/x")),
    ],
)
def test_a_source_is_a_repository_and_a_quantisation(text: str, expected: Source) -> None:
    assert source(text) == expected


@pytest.mark.parametrize("text", ["", "qwen", "a/b/c", "a/b:", "a b/c", "../../etc", "a/b:c/d"])
def test_what_names_no_repository_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="OWNER/NAME"):
        source(text)


# Names of files as publishers write them.
@pytest.mark.parametrize(
    ("path", "quantisation"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "Q4_K_M"),
        ("qwen2.5-coder-7b-instruct-q4_k_m.gguf", "Q4_K_M"),
        ("nomic-embed-text-v1.5.Q8_0.gguf", "Q8_0"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("Phi-3-mini-4k-instruct-q4.gguf", "Q4"),
        ("Phi-3-mini-4k-instruct-fp16.gguf", "FP16"),
        ("UD-Q4_K_XL/DeepSeek-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("BF16/model.gguf", "BF16"),
        ("Llama-3.2-1B-IQ4_XS.gguf", "IQ4_XS"),
        ("BitNet-TQ1_0.gguf", "TQ1_0"),
        ("qwq-32b.gguf", ""),
    ],
)
def test_the_quantisation_stands_in_the_name(path: str, quantisation: str) -> None:
    [build] = builds(files(path))
    assert build.quantisation == quantisation


def test_parts_are_one_build_in_their_order() -> None:
    names = [f"Q8_0/big-Q8_0-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    [build] = builds(files(*reversed(names)))
    assert [part.path for part in build.files] == names
    assert build.size_bytes == 3_000_000_000


def test_a_build_without_all_its_parts_is_none() -> None:
    assert builds(files("a-00001-of-00002.gguf")) == []


def test_one_file_is_simpler_than_the_same_in_parts() -> None:
    paths = ("a-q4_k_m-00001-of-00002.gguf", "a-q4_k_m-00002-of-00002.gguf", "a-q4_k_m.gguf")
    assert chosen(ANY, *paths) == ["a-q4_k_m.gguf"]


def test_what_is_no_model_is_left_out() -> None:
    assert builds(files("mmproj-a-f16.gguf", "a.imatrix.gguf", "README.md", "gguf")) == []


def test_the_usual_balance_is_taken_where_nothing_is_named() -> None:
    assert chosen(ANY, "a-Q8_0.gguf", "a-Q4_K_M.gguf", "a-Q2_K.gguf") == ["a-Q4_K_M.gguf"]


def test_without_the_usual_the_next_best_is_taken() -> None:
    assert chosen(ANY, "a-F16.gguf", "a-Q8_0.gguf") == ["a-Q8_0.gguf"]


def test_an_only_file_needs_no_name() -> None:
    assert chosen(ANY, "model.gguf") == ["model.gguf"]


def test_a_quantisation_is_meant_in_either_case() -> None:
    assert chosen(Source("acme/x", "q8_0"), "a-Q8_0.gguf", "a-Q4_K_M.gguf") == ["a-Q8_0.gguf"]


def test_a_dynamic_quantisation_stands_in_for_the_plain_one() -> None:
    assert chosen(Source("acme/x", "Q4_K_XL"), "a-UD-Q4_K_XL.gguf") == ["a-UD-Q4_K_XL.gguf"]


def test_an_absent_quantisation_lists_the_choices() -> None:
    with pytest.raises(InvalidRequest) as caught:
        chosen(Source("acme/x", "Q5_0"), "a-Q8_0.gguf", "a-Q4_K_M.gguf")
    assert "no quantisation 'Q5_0'" in str(caught.value)
    assert "a-Q8_0.gguf" in str(caught.value)
    assert "1.00 GB" in str(caught.value)


def test_two_models_of_one_quantisation_are_told_apart_by_name() -> None:
    with pytest.raises(InvalidRequest, match="--file"):
        chosen(ANY, "a-Q4_K_M.gguf", "b-Q4_K_M.gguf", "b-Q8_0.gguf")
    assert chosen(ANY, "a-Q4_K_M.gguf", "b-Q4_K_M.gguf", file="b-Q4_K_M.gguf") == ["b-Q4_K_M.gguf"]


def test_a_named_part_stands_for_its_build() -> None:
    paths = ("x/a-00001-of-00002.gguf", "x/a-00002-of-00002.gguf")
    assert chosen(ANY, *paths, file="a-00002-of-00002.gguf") == list(paths)


def test_a_file_that_is_not_there_lists_the_choices() -> None:
    with pytest.raises(InvalidRequest, match=r"a-Q8_0\.gguf"):
        chosen(ANY, "a-Q8_0.gguf", file="b.gguf")


def test_a_repository_without_gguf_says_so() -> None:
    with pytest.raises(InvalidRequest, match="no GGUF file"):
        chosen(ANY, "model.safetensors")


def test_builds_are_listed_by_name() -> None:
    found: list[Build] = builds(files("b.gguf", "a-00001-of-00001.gguf", "c.gguf"))
    assert [build.name for build in found] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "model_id"),
    [
        ("Qwen/Qwen3-4B-GGUF:Q4_K_M", "qwen3-4b-q4_k_m"),
        ("nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0", "nomic-embed-text-v1.5.q8_0"),
        ("Qwen/Qwen3-4B-GGUF:Q8_0", ""),
        ("Qwen/Qwen3-14B-GGUF:Q4_K_M", ""),
    ],
)
def test_what_is_installed_is_known_by_its_name(text: str, model_id: str) -> None:
    assert installed_as(text, ["qwen3-4b-q4_k_m", "nomic-embed-text-v1.5.q8_0"]) == model_id
