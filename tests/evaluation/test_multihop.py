import json
from pathlib import Path

import pytest

from tests.answering.research.searching import BRIDGE, SHELF
from tests.evaluation.conftest import write
from trinax.evaluation import datasets, multihop
from trinax.evaluation.runner import Parts, indexed, retriever


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    documents = {title: (title, text) for title, text in SHELF.items()}
    return write(tmp_path / "shelf", documents, {"q": (BRIDGE, "Hank Snow")})


def test_a_row_counts_the_relevant_documents_by_depth(shelf: Path, parts: Parts) -> None:
    found = multihop.evaluate(shelf, parts)
    assert (found.dataset, found.questions, found.depths) == ("shelf", 1, (1.0, 1.0, 1.0))
    assert 2 <= found.passes <= 5


def test_what_no_pass_can_find_counts_nothing(tmp_path: Path, parts: Parts) -> None:
    folder = write(tmp_path / "gone", {"owl": ("Owls", SHELF["Owls"])}, {"q": (BRIDGE, "nobody")})
    assert multihop.evaluate(folder, parts).depths == (0.0, 0.0, 0.0)


def test_a_sample_is_drawn_the_same_each_time(birds: Path, parts: Parts) -> None:
    dataset = datasets.load(birds)
    with indexed({"corpus": dataset.corpus}, parts) as registry:
        searcher = retriever(registry, parts)
        one, two = (multihop.row(dataset, searcher, 2) for _ in range(2))
    assert (one.questions, one.depths, one.bm25) == (2, two.depths, two.bm25)


def test_the_command_prints_a_table_or_json(
    birds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert multihop.main([str(birds)]) == 0
    assert "| birds | 3 |" in capsys.readouterr().out
    assert multihop.main([str(birds), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["dataset"] == "birds"


def test_a_folder_that_is_no_dataset_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert multihop.main([str(tmp_path)]) == 1
    assert "corpus.jsonl" in capsys.readouterr().err
