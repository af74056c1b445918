import json
from pathlib import Path

import pytest

from trinax.errors import InvalidRequest
from trinax.evaluation.answers.asking import file_names, questions
from trinax.evaluation.answers.evaluate import Plan, evaluated
from trinax.evaluation.answers.report import shown
from trinax.evaluation.datasets import Document, load
from trinax.evaluation.serving import ServerFailed
from trinax.settings import Settings


@pytest.fixture
def sets(birds: Path, bread: Path) -> list[Path]:
    answers = [{"_id": "q1", "answers": ["mice"]}, {"_id": "q2", "answers": ["in the air"]}]
    lost = {"_id": "q4", "answers": [], "is_impossible": True}
    (birds / "answers.jsonl").write_text("\n".join(map(json.dumps, [*answers, lost])))
    with (birds / "queries.jsonl").open("a") as queries:
        queries.write('\n{"_id": "q4", "text": "Which animals do owls fear at night?"}')
    return [birds, bread]


def test_a_collection_is_asked_three_kinds_of_questions(sets: list[Path]) -> None:
    everything = [load(folder) for folder in sets]
    asked = list(questions(everything[0], everything, 2))
    kinds = ["answerable"] * 2 + ["unanswerable"] + ["foreign"] * 2
    assert [question.kind for question in asked] == kinds
    assert all(question.gold for question in asked[:2])
    assert not any(question.gold or question.answers for question in asked[2:])


def test_questions_are_the_same_at_every_run(sets: list[Path]) -> None:
    everything = [load(folder) for folder in sets]
    runs = [list(questions(everything[0], everything, 2)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_an_id_that_is_no_file_name_gets_one() -> None:
    assert file_names([Document("../a?b", "", "")]) == {"../a?b": "000000.md"}


def test_a_folder_that_is_no_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"corpus\.jsonl cannot be read"):
        evaluated(Plan([tmp_path]), Settings(), print)


@pytest.mark.slow
def test_answers_come_from_a_real_server_and_keep_their_promises(sets: list[Path]) -> None:
    notes: list[str] = []
    rows = evaluated(Plan(sets), Settings(), notes.append)
    owls, bread = rows
    assert (owls.dataset, owls.questions, bread.questions) == ("birds", 7, 6)
    assert owls.writing.citation_recall == 1.0
    assert owls.writing.in_answer == 1.0
    assert owls.judging.auroc_foreign == 1.0
    assert owls.citations
    assert [row.faults for row in rows] == [{}, {}]
    assert notes == ["birds: 7 questions to trinax-extract", "bread: 6 questions to trinax-extract"]
    assert "citation precision" in shown(rows)


@pytest.mark.slow
def test_a_model_that_is_not_there_is_told(sets: list[Path]) -> None:
    with pytest.raises(ServerFailed, match="no-such-model"):
        evaluated(Plan(sets, models=("no-such-model",)), Settings(), print)
