import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.gguf_files import parts_of_a_model, tiny_llama
from trinax.answering.ranking import INFO as BUILT_IN_RANKING
from trinax.app import BUILT_IN_EMBEDDING
from trinax.cli import main
from trinax.cli.installed import BUILT_IN
from trinax.configuration import profile
from trinax.models.extractive.generator import INFO


def test_the_built_in_models_are_always_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["models", "list", "--json", "--data-dir", str(tmp_path)])
    assert [(row["id"], row["kind"]) for row in json.loads(result.output)] == [
        ("trinax-extract", "extract"),
        ("trinax-embed", "embed"),
        ("trinax-rank", "rank"),
    ]


def test_a_broken_model_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"no model")
    result = CliRunner().invoke(main, ["models", "list", "--json", "--models-dir", str(tmp_path)])
    row = json.loads(result.output)[-1]
    assert row["id"] == "broken"
    assert row["problem"]


def test_the_table_says_where_models_belong(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["models", "list", "--models-dir", str(tmp_path)])
    assert "trinax-extract" in result.output
    assert str(tmp_path) in result.output


def test_the_built_in_models_are_described_as_by_the_server() -> None:
    assert (INFO, BUILT_IN_EMBEDDING, BUILT_IN_RANKING) == BUILT_IN


def test_roles_are_as_configured(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    tiny_llama(tmp_path / "models" / "a.gguf")
    parts_of_a_model(tmp_path / "models", "small")
    config = tmp_path / "trinax.toml"
    config.write_text("[paths]\nmodels = 'models'\n[roles]\ndeep = 'small'")
    result = CliRunner().invoke(main, ["models", "list", "--json", "--config", str(config)])
    roles = {row["id"]: row["roles"] for row in json.loads(result.stdout)}
    assert (roles["a"], roles["small"]) == (["general"], ["fast", "deep"])


def test_the_list_says_how_to_get_what_is_recommended(tmp_path: Path) -> None:
    result = models("list", models_dir=tmp_path, machine="lite")
    assert "Profile lite recommends" in result.stdout
    assert "trinax models pull embed" in result.stdout


def test_what_is_there_is_not_recommended(tmp_path: Path) -> None:
    for role, model in profile("lite", 0).recommended.items():
        repository, quantisation = model.source.split("/")[1].split(":")
        name = repository.removesuffix("-GGUF")
        if role != "embed":
            (tmp_path / f"{name}-{quantisation}.gguf").write_bytes(b"GGUF")
    result = models("list", models_dir=tmp_path, machine="lite")
    assert "trinax models pull embed" in result.stdout
    assert result.stdout.count("models pull") == 1


def test_a_model_is_shown_with_the_memory_it_needs(tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "a.gguf")
    row = json.loads(models("show", "a", "--json", models_dir=tmp_path, machine="lite").stdout)
    assert (row["architecture"], row["files"]) == ("llama", [str(path)])
    # The context of the model is 2 048, a token of so small a model counts for 1 024 bytes.
    assert row["memory"]["needed_bytes"] == path.stat().st_size + 6 * 2048 * 1024
    assert row["metadata"] == {"tokenizer.ggml.model": "llama"}


def test_a_model_is_shown_to_people(tmp_path: Path) -> None:
    tiny_llama(tmp_path / "a.gguf")
    shown = models("show", "a", models_dir=tmp_path).stdout
    assert "architecture            llama" in shown
    assert "template                True" in shown


def test_a_built_in_model_is_shown(tmp_path: Path) -> None:
    assert "embed" in models("show", "trinax-embed", models_dir=tmp_path).stdout


def test_an_unknown_model_cannot_be_shown(tmp_path: Path) -> None:
    result = models("show", "gone", models_dir=tmp_path)
    assert (result.exit_code, "gone" in result.stderr) == (1, True)


def test_a_removed_model_has_no_files_left(tmp_path: Path) -> None:
    parts_of_a_model(tmp_path, "big")
    other = tiny_llama(tmp_path / "other.gguf")
    assert models("remove", "big", "--yes", models_dir=tmp_path).exit_code == 0
    assert list(tmp_path.iterdir()) == [other]


def test_what_was_removed_is_told_to_scripts(tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "a.gguf")
    result = models("remove", "a", "--yes", "--json", models_dir=tmp_path)
    assert json.loads(result.stdout) == {"model": "a", "files": [str(path)]}


@pytest.mark.parametrize(("answer", "there"), [("n", True), ("", True), ("y", False)])
def test_removing_asks(tmp_path: Path, answer: str, there: bool) -> None:
    path = tiny_llama(tmp_path / "a.gguf")
    result = models("remove", "a", models_dir=tmp_path, answer=f"{answer}\n")
    assert str(path) in result.stdout
    assert path.exists() is there


@pytest.mark.parametrize("model", ["trinax-embed", "gone"])
def test_what_is_no_file_cannot_be_removed(tmp_path: Path, model: str) -> None:
    assert models("remove", model, "--yes", models_dir=tmp_path).exit_code == 1


def models(*arguments: str, models_dir: Path, machine: str = "", answer: str = "") -> Result:
    return CliRunner().invoke(
        main,
        ["models", *arguments, "--models-dir", str(models_dir)],
        input=answer,
        env={"TRINAX_MODELS_PROFILE": machine},
    )
