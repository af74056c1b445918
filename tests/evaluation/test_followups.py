from pathlib import Path

import pytest

from tests.evaluation.conftest import BIRD_QUESTIONS, BIRDS, write
from trinax.evaluation import datasets
from trinax.evaluation.followups import (
    ALL,
    FOLDER,
    WAYS,
    conversations,
    harm,
    harm_shown,
    main,
    measured,
    shown,
)
from trinax.evaluation.runner import Parts
from trinax.retrieval.followup import TURNS


def test_each_conversation_has_turns_and_texts_that_are_there() -> None:
    texts = {row["_id"] for _, row in datasets.rows(FOLDER / datasets.CORPUS)}
    talks = conversations()
    assert len({talk.turns for talk in talks}) == len(talks)
    for talk in talks:
        assert 2 <= len(talk.turns) <= TURNS + 1
        assert set(talk.relevant) <= texts
        assert talk.relevant


def test_a_question_with_its_history_finds_more_than_alone_or_glued(parts: Parts) -> None:
    rows = {(row.half, row.way): row for row in measured(parts) if row.kind == ALL}
    alone, glued, ours, complete = WAYS
    for half in ("dev", "held out"):
        found = {way: rows[half, way].ndcg_10 for way in WAYS}
        assert max(found[alone], found[glued]) + 0.05 < found[ours] <= found[complete]


def test_halves_and_kinds_hold_every_conversation_once(parts: Parts) -> None:
    every = measured(parts)
    rows, size = [row for row in every if row.way == "trinax"], len(conversations())
    assert sum(row.conversations for row in rows if row.kind == ALL) == size
    assert sum(row.conversations for row in rows if row.kind != ALL) == size
    assert "| clarification " in shown(every)


def test_complete_questions_are_not_harmed(tmp_path: Path, parts: Parts) -> None:
    dataset = datasets.load(write(tmp_path / "birds", BIRDS, BIRD_QUESTIONS))
    found = harm(dataset, parts)
    assert found.taken == pytest.approx(1 / 3)
    assert found.alone == found.after
    assert "| birds " in harm_shown([found])


def test_the_command_prints_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "birds", BIRDS, BIRD_QUESTIONS)
    assert main([str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "| written out " in printed
    assert "| birds " in printed


def test_a_folder_that_is_no_data_set_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err
