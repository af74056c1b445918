import json
from math import log2
from pathlib import Path

import pytest

from trinax.embedding.static import StaticEmbedder
from trinax.embedding.training import evaluation


def rows(file: Path, texts: dict[str, str]) -> None:
    lines = (json.dumps({"_id": name, "title": "", "text": text}) for name, text in texts.items())
    file.write_text("\n".join(lines), "utf-8")


def test_ndcg_by_hand(tmp_path: Path) -> None:
    rows(tmp_path / "corpus.jsonl", {"d1": "the heart", "d2": "the dog", "d3": "an engine"})
    rows(tmp_path / "queries.jsonl", {"q1": "dog", "q2": "heart", "q3": "not judged"})
    judged = "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t1\nq2\td2\t0\nq1\tgone\t1\n"
    (tmp_path / "qrels.tsv").write_text(judged)
    # q1 finds one of two relevant ones first: 1 / (1 + 1 / log2 3); q2 finds its only one: 1.
    expected = (1 / (1 + 1 / log2(3)) + 1) / 2
    assert evaluation.ndcg(tmp_path, StaticEmbedder()) == pytest.approx(expected)
