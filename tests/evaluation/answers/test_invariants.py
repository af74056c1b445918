from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from trinax.evaluation.answers.invariants import cited, faults
from trinax.evaluation.answers.records import Answer, Question, Reply

TEXT = "# Owls\n\nOwls hunt mice.\nÜber Nacht.\n"
START, END = 8, len(TEXT.encode()) - 1
Json = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "owl.md").write_text(TEXT, "utf-8")
    return tmp_path


def source(n: int = 1, **changed: Any) -> Json:
    data = TEXT.encode()[START:END]
    found = {"n": n, "file": "owl.md", "start_byte": START, "end_byte": END}
    return {**found, "sha256": sha256(data).hexdigest(), **changed}


def span(**changed: Any) -> Json:
    """“Über Nacht.”, which begins on line 4."""
    start = TEXT.encode().index("Über".encode())
    found = {"n": 1, "start_byte": start, "end_byte": END, "start_line": 4, "end_line": 4}
    return {**found, "quote": "Über Nacht.", **changed}


def reply(text: str = "“Über Nacht.” [1]", *spans: Json, sources: tuple[Json, ...] = ()) -> Reply:
    support = [{"sentence": text, "sources": [1], "score": 1.0, "spans": [*spans]}]
    grounding = {"verdict": "answered", "confidence": 0.9, "support": support}
    return Reply(text, sources or (source(),), grounding)


def kinds(whole: Reply, folder: Path, streamed: Reply | None = None) -> list[str]:
    question = Question("When do owls hunt?", "answerable")
    answer = Answer(question, whole, streamed or whole, 0.01)
    return [fault.split(":")[0] for fault in faults(answer, folder)]


def test_a_true_answer_has_no_fault(folder: Path) -> None:
    assert kinds(reply("“Über Nacht.” [1]", span()), folder) == []


def test_a_number_without_a_source_is_a_fault(folder: Path) -> None:
    assert kinds(reply("At night [1][2]."), folder) == ["number"]
    assert kinds(reply("At night [1, 7]."), folder) == ["number"]


def test_sources_count_from_one(folder: Path) -> None:
    assert "number" in kinds(reply(sources=(source(1), source(3))), folder)


def test_support_by_a_number_without_a_source_is_a_fault(folder: Path) -> None:
    one = reply("At night.")
    one.grounding["support"][0]["sources"] = [2]
    assert kinds(one, folder) == ["number"]


def test_a_digest_of_something_else_is_a_fault(folder: Path) -> None:
    assert kinds(reply(sources=(source(sha256="0" * 64),)), folder) == ["digest"]


@pytest.mark.parametrize(
    "changed",
    [
        {"quote": "Uber Nacht."},
        {"start_line": 3},
        {"end_line": 5},
        {"n": 2},
        {"start_byte": 0},
        {"end_byte": END + 1},
        {"end_byte": 10},
    ],
)
def test_a_span_that_does_not_reproduce_its_quote_is_a_fault(folder: Path, changed: Json) -> None:
    assert "span" in kinds(reply("“Über Nacht.” [1]", span(**changed)), folder)


def test_a_stream_that_says_something_else_is_a_fault(folder: Path) -> None:
    assert kinds(reply(), folder, reply("“Über Nacht.”")) == ["stream"]
    assert kinds(reply(), folder, reply("“Über Nacht.” [1]", span())) == ["stream"]


def test_numbers_in_code_are_no_citations() -> None:
    assert cited("Use `xs[4]` [1].\n```py\nxs[5]\n```\nThen [2]; 【3】, [4, 5].") == [1, 2, 3, 4, 5]
