from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from trinax.evaluation.answers.records import Answer, Collection, Kind, Question, Reply
from trinax.evaluation.answers.report import plain, shown
from trinax.evaluation.answers.scoring import Scores, scored

OWL = "Owls hunt mice at night."
SWIFT = "Swifts sleep in the air."


@pytest.fixture
def birds(tmp_path: Path) -> Collection:
    (tmp_path / "owl.md").write_text(OWL)
    (tmp_path / "swift.md").write_text(SWIFT)
    return Collection("set0", "birds", tmp_path, ())


def source(n: int, file: str) -> dict[str, Any]:
    text = {"owl.md": OWL, "swift.md": SWIFT}[file]
    return {"n": n, "file": file, "start_byte": 0, "end_byte": len(text), "sha256": ""}


def answer(
    text: str, kind: Kind = "answerable", verdict: str = "answered", confidence: float = 0.9
) -> Answer:
    question = Question("When do owls hunt?", kind, frozenset({"owl.md"}), ("at night",))
    sources = (source(1, "swift.md"), source(2, "owl.md"))
    grounding = {"verdict": verdict, "confidence": confidence, "support": []}
    reply = Reply(text, sources, grounding)
    return Answer(question, reply, reply, 0.01)


def score(birds: Collection, *answers: Answer) -> Scores:
    return scored(birds, "trinax-extract", answers)


def test_a_right_citation_counts_for_precision_and_recall(birds: Collection) -> None:
    writing = score(birds, answer(f"“{OWL}” [2]")).writing
    assert (writing.citation_precision, writing.citation_recall) == (1.0, 1.0)
    assert (writing.in_answer, writing.in_first_quote, writing.wrong) == (1.0, 1.0, 0.0)


def test_a_second_citation_that_says_nothing_of_it_halves_precision(birds: Collection) -> None:
    writing = score(birds, answer(f"“{SWIFT}” [1]\n\n“{OWL}” [2]")).writing
    assert (writing.citation_precision, writing.citation_recall) == (0.5, 1.0)
    assert (writing.in_answer, writing.in_first_quote) == (1.0, 0.0)


def test_an_answer_from_elsewhere_is_wrong(birds: Collection) -> None:
    writing = score(birds, answer(f"“{SWIFT}” [1]")).writing
    assert (writing.in_sources, writing.citation_recall, writing.wrong) == (1.0, 0.0, 1.0)


def test_an_abstention_cites_and_says_nothing(birds: Collection) -> None:
    rows = score(birds, answer(f"“{OWL}” [2]", verdict="insufficient"))
    assert isnan(rows.writing.citation_precision)
    assert (rows.writing.citation_recall, rows.writing.in_answer) == (0.0, 0.0)
    assert (rows.judging.missed, rows.writing.wrong) == (1.0, 0.0)


def test_answers_that_are_no_string_of_a_file_are_not_looked_for(birds: Collection) -> None:
    one = answer(f"“{OWL}” [2]")
    yes = replace(one, question=replace(one.question, answers=("yes",)))
    assert isnan(score(birds, yes).writing.in_answer)


def test_the_verdict_is_judged_by_kind_of_question(birds: Collection) -> None:
    judging = score(
        birds,
        answer("x", confidence=0.9),
        answer("x", confidence=0.5),
        answer("x", "foreign", "insufficient", 0.1),
        answer("x", "foreign", "answered", 0.6),
        answer("x", "unanswerable", "partial", 0.7),
    ).judging
    assert (judging.missed, judging.foreign, judging.unanswerable) == (0.0, 0.5, 1.0)
    # By hand: 0.9 is over both, 0.5 over one of two; of the unanswerable one it is 1 of 2.
    assert (judging.auroc_foreign, judging.auroc_unanswerable) == (0.75, 0.5)


def test_faults_are_counted_by_answer_and_shown(birds: Collection) -> None:
    row = score(birds, answer("So it is [3][4]."))
    assert row.faults == {"number": 1, "digest": 1}
    assert "birds, trinax-extract: number: [3] is cited" in shown([row])


def test_what_cannot_be_counted_is_empty_in_the_table_and_null_in_json(birds: Collection) -> None:
    row = score(birds, answer(f"“{OWL}” [2]"))
    assert plain(row)["judging"]["foreign"] is None
    assert " nan " not in shown([row])


def test_no_answers_at_all_score_nothing(birds: Collection) -> None:
    row = score(birds)
    assert row.questions == 0
    assert isnan(row.judging.missed)
