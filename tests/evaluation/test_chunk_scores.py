import json

import pytest

from tests.documents.documents import chunked
from trinax.documents.chunking import Limits
from trinax.documents.tokens import count
from trinax.evaluation import builtin
from trinax.evaluation.chunk_scores import (
    ALL,
    BUDGETS_TOKENS,
    Scores,
    cuts,
    measured,
    shown,
    within,
)
from trinax.evaluation.evidence import Found

ANSWER = "Swifts sleep in the air and rarely land."
FILLER = {
    "owls.md": "# Owls\n\n" + "Owls hunt mice at night. " * 60,
    "swifts.md": "# Swifts\n\n" + "They fly high over the town. " * 60 + f"\n\n{ANSWER}\n",
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Scores]:
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "corpora").mkdir()
    for name, text in FILLER.items():
        (folder / "corpora" / name).write_text(text)
    start = FILLER["swifts.md"].index(ANSWER)
    span = {"start": start, "end": start + len(ANSWER)}
    row = {"text": "Where do swifts sleep?", "corpus": "swifts", "spans": [span]}
    (folder / "questions.jsonl").write_text(json.dumps(row))
    return measured(folder, builtin.parts(), cuts(Limits()))


def test_every_cut_is_measured_on_every_text(rows: list[Scores]) -> None:
    names = ["trinax", *(f"{way} {n}" for way in ("fixed", "recursive") for n in (200, 400, 800))]
    assert [(row.cut, row.corpus) for row in rows] == [
        (name, corpus) for name in names for corpus in (ALL, "owls.md", "swifts.md")
    ]
    assert {row.questions for row in rows if row.corpus == "swifts.md"} == {1}


def test_evidence_in_the_words_of_the_question_is_found(rows: list[Scores]) -> None:
    assert rows[0].first.recall == 1.0
    assert rows[0].budgets[500].recall == 1.0


def test_a_larger_budget_finds_no_less(rows: list[Scores]) -> None:
    for row in rows:
        recalls = [row.budgets[budget].recall for budget in BUDGETS_TOKENS]
        assert recalls == sorted(recalls)


@pytest.mark.parametrize("budget", [5, 40, 130, 500, 5000])
def test_the_last_chunk_is_cut_after_the_words_that_fit(budget: int) -> None:
    text = "Owls hunt mice at night. " * 60
    chunks = chunked(text, limit=64)
    places = [Found("a", one.start_byte, one.end_byte) for one in chunks]
    taken = sum(count(text[one.start : one.end]) for one in within(budget, chunks, places))
    assert taken == min(budget, sum(one.tokens for one in chunks))


def test_the_tables_have_a_line_for_each_cut(rows: list[Scores]) -> None:
    lines = shown(rows).splitlines()
    assert sum(line.startswith("| recursive 800") for line in lines) == 2
