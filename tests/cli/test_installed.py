import json
from pathlib import Path

from click.testing import CliRunner

from trinax.app import BUILT_IN_EMBEDDING
from trinax.cli import main
from trinax.cli.installed import BUILT_IN
from trinax.models.extractive import INFO


def test_the_built_in_models_are_always_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["models", "list", "--json", "--data-dir", str(tmp_path)])
    assert [(row["id"], row["kind"]) for row in json.loads(result.output)] == [
        ("trinax-extract", "extract"),
        ("trinax-embed", "embed"),
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
    assert (INFO, BUILT_IN_EMBEDDING) == BUILT_IN
