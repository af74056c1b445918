import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trinax.evaluation import builtin, datasets
from trinax.evaluation.extraction.measuring import Outcome, outcome
from trinax.evaluation.extraction.readings import Reading, readings
from trinax.evaluation.extractive import main

THRESHOLD = builtin.parts().settings.confidence_threshold
DOCUMENTS = {
    "owl": "Owls hunt mice at night and hear them under the snow. They sleep in hollow trees.",
    "swift": "Swifts sleep in the air and rarely land. Their legs are very short.",
    "stork": "Storks build large nests on chimneys. A stork nest may weigh 500 kilograms.",
}
QUESTIONS = {
    "q1": ("Which animals do owls hunt at night?", "owl", ["mice"]),
    "q2": ("How much may a stork nest weigh?", "stork", ["500 kilograms"]),
    "q3": ("Which colour have the eyes of swifts?", "swift", []),
    "q4": ("Where do swifts sleep?", "swift", ["the water"]),
}


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    folder = tmp_path / "animals"
    folder.mkdir()
    files: Mapping[str, list[dict[str, Any]]] = {
        "corpus.jsonl": [{"_id": id, "title": id, "text": text} for id, text in DOCUMENTS.items()],
        "queries.jsonl": [{"_id": id, "text": text} for id, (text, _, _) in QUESTIONS.items()],
        "answers.jsonl": [
            {"_id": id, "answers": answers, "is_impossible": not answers}
            for id, (_, _, answers) in QUESTIONS.items()
        ],
    }
    for name, rows in files.items():
        (folder / name).write_text("\n".join(map(json.dumps, rows)))
    judged = [f"{id}\t{file}\t1" for id, (_, file, answers) in QUESTIONS.items() if answers]
    (folder / "qrels.tsv").write_text("\n".join(judged))
    return folder


def read(folder: Path, sample: int | None = None) -> list[Reading]:
    return list(readings(datasets.load(folder), builtin.parts(), sample))


async def judged(folder: Path, question: str) -> Outcome:
    [reading] = [one for one in read(folder) if one.question == QUESTIONS[question][0]]
    return await outcome(reading, builtin.answerer(builtin.parts()), THRESHOLD)


def test_a_question_is_read_with_its_passages_and_its_answer(animals: Path) -> None:
    first, *_ = read(animals)
    assert (first.answers, first.gold, first.article) == (("mice",), frozenset({"owl"}), "owl")
    assert first.passages[0].file == "owl"
    assert len(first.scores) == len(first.passages)


def test_a_sample_is_the_same_each_time(animals: Path) -> None:
    assert len(read(animals, 2)) == 2
    assert [one.question for one in read(animals, 2)] == [one.question for one in read(animals, 2)]


async def test_an_answer_in_the_first_sentence_is_seen(animals: Path) -> None:
    seen = await judged(animals, "q1")
    assert (seen.first, seen.quote, seen.whole, seen.passed_over) == (True, True, True, False)


async def test_an_answer_that_no_passage_has_is_unfound(animals: Path) -> None:
    seen = await judged(animals, "q4")
    assert (seen.first, seen.whole, seen.unfound) == (False, False, True)


def test_the_table_has_a_row_for_each_dataset(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(animals)]) == 0
    [head, _, row] = capsys.readouterr().out.splitlines()
    cells = dict(zip(*([c.strip() for c in line.split("|")] for line in (head, row)), strict=True))
    assert (cells["dataset"], cells["questions"], cells["unanswerable"]) == ("animals", "3", "1")
    assert cells["unfound"] == "0.333"


def test_weights_are_printed(animals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(animals), "--fit"]) == 0
    printed = capsys.readouterr().out
    assert '"cosine_rank":' in printed
    assert "held out by article" in printed


def test_a_folder_without_a_dataset_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "corpus.jsonl" in capsys.readouterr().err
