from pathlib import Path

import pytest

from trinax.errors import InvalidRequest
from trinax.evaluation.evaluate import evaluate
from trinax.evaluation.runner import Parts


def test_each_mode_gets_a_row(birds: Path, parts: Parts) -> None:
    rows = evaluate(birds, parts)
    assert [(row.dataset, row.mode, row.queries) for row in rows] == [
        ("birds", "bm25", 3),
        ("birds", "dense", 3),
        ("birds", "hybrid", 3),
    ]


def test_questions_in_the_words_of_their_documents_score_one(birds: Path, parts: Parts) -> None:
    (row,) = evaluate(birds, parts, modes=("hybrid",))
    assert (row.ndcg_10, row.recall_10, row.recall_100, row.mrr_10) == (1.0, 1.0, 1.0, 1.0)


def test_a_long_document_counts_once(birds: Path, parts: Parts) -> None:
    long = " ".join(f"Owls hunt mice, night {night}." for night in range(400))
    with (birds / "corpus.jsonl").open("a") as corpus:
        corpus.write(f'\n{{"_id": "long", "title": "", "text": "{long}"}}')
    (row,) = evaluate(birds, parts, modes=("bm25",))
    assert row.recall_10 == 1.0


def test_a_corpus_in_several_collections_ranks_as_one(birds: Path, parts: Parts) -> None:
    (row,) = evaluate(birds, parts, modes=("hybrid",), split=3)
    assert row.ndcg_10 == 1.0


def test_a_folder_that_is_no_dataset_is_named(tmp_path: Path, parts: Parts) -> None:
    with pytest.raises(InvalidRequest, match=r"corpus\.jsonl cannot be read"):
        evaluate(tmp_path, parts)
