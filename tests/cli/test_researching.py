import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.gguf_files import tiny_llama
from trinax.cli import main, researching

QUESTION = "At which temperature does the kettle boil?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n")
    (notes / "robot.md").write_text("# Robot\n\nThe robot greets people with a beep.\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    places = ["--data-dir", str(folder / "var"), "--collections-dir", str(folder / "collections")]
    return CliRunner().invoke(main, ["research", *arguments, *places])


def report(answer: str, *sources: dict[str, Any]) -> dict[str, Any]:
    return {"answer": answer, "sources": list(sources), "grounding": {"support": []}}


def source(n: int, **fields: Any) -> dict[str, Any]:
    return {
        "n": n, "collection_id": "notes", "file": "a.md", "start_line": 3, "end_line": 5,
        "snippet": "It boils.", **fields
    }  # fmt: skip


def test_the_report_is_printed_and_its_steps_beside_it(folder: Path) -> None:
    result = run(folder, QUESTION, "--depth", "3")
    assert result.exit_code == 0, result.output
    assert "94 degrees" in result.stdout
    assert re.search(r"^\[1\] notes/kettle\.md:1-3$", result.stdout, re.MULTILINE)
    steps = result.stderr.splitlines()
    assert steps[0].startswith("plan")
    assert any(re.match(r"pass 1: .+ \(\d+ passages, \d+ new\)$", step) for step in steps)
    assert "trinax-extract writes" in steps
    assert re.fullmatch(r"\w+, by trinax-extract, after \d+ pass(es)?", steps[-1])
    assert "pass 1" not in result.stdout


def test_json_is_all_that_stdout_gets(folder: Path) -> None:
    result = run(folder, QUESTION, "--depth", "1", "--json")
    said = json.loads(result.stdout)
    assert "94 degrees" in said["answer"]
    assert (said["passes"], said["sub_questions"]) == (1, [QUESTION])


def test_the_report_becomes_a_file_with_footnotes(folder: Path) -> None:
    file = folder / "report.md"
    result = run(folder, QUESTION, "--output", str(file))
    assert f"{file} is written." in result.stderr
    written = file.read_text("utf-8")
    assert written.startswith(f"# {QUESTION}\n\n")
    assert "94 degrees" in written.partition("[^1]:")[0]
    assert "[^1]" in written.partition("[^1]:")[0]
    assert "\n\n[^1]: `notes/kettle.md:1-3`\n\n        " in written
    assert "is replaced." in run(folder, QUESTION, "--output", str(file)).stderr


def test_only_the_named_collection_is_searched(folder: Path) -> None:
    other = folder / "collections" / "other"
    other.mkdir()
    (other / "kettle.md").write_text("The kettle at home boils at 100 degrees.\n")
    said = json.loads(run(folder, QUESTION, "--collection", "other", "--json").stdout)
    assert {each["collection_id"] for each in said["sources"]} == {"other"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--model", "gpt-9"], 1, "No model named 'gpt-9'"),
        (["--collection", "nowhere"], 1, "No collection named 'nowhere'"),
        (["--output", "no/such/folder/report.md"], 1, "There is no folder no/such/folder"),
        (["--depth", "4"], 2, "4 is not in the range"),
        (["--output", "."], 2, "is a directory"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, arguments: list[str], code: int, message: str
) -> None:
    result = run(folder, QUESTION, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_nothing_found_has_no_footnotes(folder: Path) -> None:
    result = run(folder, "What did the parliament of Iceland decide on whaling?")
    assert result.stdout == "Nothing in your collections answers this.\n"
    assert "insufficient, by trinax-extract" in result.stderr


def test_a_models_report_is_printed_whatever_it_plans(folder: Path) -> None:
    (folder / "var" / "models").mkdir(parents=True)
    tiny_llama(folder / "var" / "models" / "counting.gguf")
    result = run(folder, QUESTION, "--depth", "2")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("one two three")
    assert "counting writes" in result.stderr


def test_citations_in_code_stay_what_they_are() -> None:
    said = "Hot [1][2], `xs[1]` and\n```py\nxs[1]\n``` then [7]. ```\n[1]"
    written = researching.markdown("Is it\nhot?", report(said, source(1), source(2), source(3)))
    body, *notes = written.split("\n\n[^")
    assert body == (
        "# Is it hot?\n\nHot [^1][^2], `xs[1]` and\n```py\nxs[1]\n``` then [7]. ```\n[1]"
    )
    assert [note[:3] for note in notes] == ["1]:", "2]:"]


def test_a_footnote_quotes_what_carries_the_answer() -> None:
    spans = [{"n": 1, "quote": "At 94\ndegrees."}, {"n": 2, "quote": "Never."}]
    said = report("Hot [1]. Yes [1].", source(1), source(2))
    said["grounding"]["support"] = [{"spans": spans}, {"spans": spans[:1]}, {"spans": []}]
    written = researching.markdown("q", said)
    assert written.endswith("[^1]: `notes/a.md:3-5`\n\n        At 94\n        degrees.\n")


def test_what_a_footnote_quotes_is_shown_and_not_obeyed() -> None:
    evil = source(1, file="a`b``.md", page=7, snippet="![x](http://x)\n</p>\x1b[31m")
    written = researching.markdown("q", report("Yes [1].", evil))
    assert written.endswith(
        "[^1]: ```notes/a`b``.md:3-5 (page 7)```\n\n        ![x](http://x)\n        </p>[31m\n"
    )


def test_a_fence_without_end_is_read_fast() -> None:
    said = "`" * 100_000 + "``` x" * 20_000
    assert researching.markdown("q", report(said)).endswith("x\n")
