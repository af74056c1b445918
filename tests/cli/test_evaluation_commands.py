import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from trinax.cli import main


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    folder = tmp_path / "birds"
    folder.mkdir()
    (folder / "owls.md").write_text("# Owls\n\nOwls hunt mice at night.\n")
    (folder / "storks.md").write_text("# Storks\n\nStorks build nests on chimneys.\n")
    (folder / "questions.jsonl").write_text(
        '{"question": "Which animals do owls hunt?", "files": ["owls.md"]}\n'
        '{"question": "Where are the nests of storks?", "files": ["storks.md"]}\n'
    )
    return folder


def run(*arguments: object) -> dict[str, list[dict[str, object]]]:
    result = CliRunner().invoke(main, ["eval", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_a_folder_of_documents_is_measured(birds: Path) -> None:
    rows = run(birds)["datasets"]
    assert [(row["mode"], row["queries"]) for row in rows] == [
        ("bm25", 2),
        ("dense", 2),
        ("hybrid", 2),
    ]
    assert rows[0]["against"] is None
    assert "p95_ms" in rows[0]


def test_hybrid_is_compared_with_bm25(birds: Path) -> None:
    against = run(birds)["datasets"][2]["against"]
    assert isinstance(against, dict)
    assert (against["reference"], against["worse"]) == ("BM25", 0)


def test_several_data_sets_have_means(birds: Path) -> None:
    assert [row["datasets"] for row in run(birds, birds.parent / "birds")["means"]] == [2, 2, 2]


def test_two_configurations_are_compared(birds: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[retrieval]\ndense_weight = 0.0\n")
    rows = run(birds, "--against", other, "--losses")
    assert len(rows["datasets"]) == 3
    against = rows["datasets"][2]["against"]
    assert isinstance(against, dict)
    assert against["reference"] == "other.toml"
    assert rows["losses"] == []


def test_plain_words_are_one_more_row(birds: Path) -> None:
    assert run(birds, "--words")["datasets"][0]["mode"] == "words"


def test_a_table_is_shown(birds: Path) -> None:
    result = CliRunner().invoke(main, ["eval", str(birds), "--losses"])
    assert result.stdout.startswith("| dataset | ")
    assert "| question " in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--answers", "--losses"], "belong to retrieval"),
        (["--chunks", "--words"], "belong to retrieval"),
        (["--words", "--against", "CONFIG"], "two comparisons"),
        (["--against", "no-such.toml"], "does not exist"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    birds: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    config = tmp_path / "other.toml"
    config.write_text("")
    given = [str(config) if option == "CONFIG" else option for option in options]
    result = CliRunner().invoke(main, ["eval", str(birds), *given])
    assert result.exit_code == 2
    assert message in result.stderr
