import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from trinax.cli import main


def test_eval_scores_each_mode_of_each_data_set(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "text": "The swallow flies."}\n{"_id": "d2", "text": "The trout swims."}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "Which trout?"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\n")
    result = CliRunner().invoke(main, ["eval", str(tmp_path), "--json"])
    rows = json.loads(result.stdout)["datasets"]
    assert [row["mode"] for row in rows] == ["bm25", "dense", "hybrid"]
    assert rows[0]["mrr_10"] == 1.0


def test_eval_of_something_else_fails(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 1
    assert "corpus.jsonl" in result.stderr


def test_eval_of_chunks_without_texts_fails(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", "--chunks", str(tmp_path)])
    assert result.exit_code == 1
    assert "corpora" in result.output


def test_answers_and_chunks_are_not_measured_together(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", "--chunks", "--answers", str(tmp_path)])
    assert result.exit_code == 2


@pytest.mark.parametrize("option", [["--model", "x"], ["--questions", "5"]])
def test_options_of_answers_do_not_go_with_retrieval(tmp_path: Path, option: list[str]) -> None:
    result = CliRunner().invoke(main, ["eval", str(tmp_path), *option])
    assert result.exit_code == 2
    assert "--answers" in result.stderr


def test_answers_to_something_else_fail(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", "--answers", str(tmp_path)])
    assert result.exit_code == 1
    assert "corpus.jsonl" in result.stderr


@pytest.mark.slow
def test_answers_are_measured_through_a_server(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "text": "The swallow flies south in autumn."}\n'
        '{"_id": "d2", "text": "The trout swims in cold water."}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "Where does the trout swim?"}\n')
    (tmp_path / "qrels.tsv").write_text("q1\td2\t1\n")
    arguments = ["eval", "--answers", str(tmp_path), "--questions", "1", "--json"]
    result = CliRunner().invoke(main, arguments)
    (row,) = json.loads(result.stdout)["answers"]
    assert result.exit_code == 0
    assert row["writing"]["citation_recall"] == 1.0
    assert row["judging"]["foreign"] is None
    assert row["faults"] == {}


def test_a_peer_that_is_not_there_fails_before_anything_is_measured(tmp_path: Path) -> None:
    arguments = ["bench", "generate", "--llama-server", "/nowhere", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stderr == "Error: /nowhere is no program that can be run.\n"
    assert [*tmp_path.iterdir()] == []


def test_a_python_that_is_not_there_fails_before_a_store_is_written(tmp_path: Path) -> None:
    arguments = ["bench", "store", "--peers", "/nowhere", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stderr == "Error: /nowhere is no program that can be run.\n"


def test_growth_and_soak_are_not_measured_together() -> None:
    result = CliRunner().invoke(main, ["bench", "store", "--growth", "--soak"])
    assert result.exit_code == 2
