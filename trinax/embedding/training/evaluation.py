"""How well vectors rank: nDCG@10 over a folder of corpus, queries and judgements."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trinax.embedding.ports import Embedder

DEPTH = 10


def ndcg(folder: Path, embedder: Embedder) -> float:
    """Mean nDCG@10 over the queries with a judgement, gains as judged (Järvelin and Kekäläinen).

    folder: holds corpus.jsonl {_id, title, text}, queries.jsonl {_id, text} and qrels.tsv
        (query-id, corpus-id, score, under a heading).
    """
    corpus = _rows(folder / "corpus.jsonl")
    judged = _judgements(folder / "qrels.tsv")
    queries = [row for row in _rows(folder / "queries.jsonl") if row["_id"] in judged]
    passages = embedder.passages(
        [f"{row.get('title', '')}\n{row['text']}".strip() for row in corpus]
    )
    scores = embedder.queries([row["text"] for row in queries]) @ passages.T
    ids = [row["_id"] for row in corpus]
    best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    found = [
        [judged[query["_id"]].get(ids[place], 0) for place in places]
        for query, places in zip(queries, best, strict=True)
    ]
    ideal = [sorted(judged[query["_id"]].values(), reverse=True)[:DEPTH] for query in queries]
    return float(np.mean([_gain(a) / _gain(b) for a, b in zip(found, ideal, strict=True)]))


def _gain(grades: Sequence[int]) -> float:
    return float(sum(grade / np.log2(place + 2) for place, grade in enumerate(grades)))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _judgements(file: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for line in file.read_text("utf-8").splitlines()[1:]:
        query, passage, grade = line.split("\t")
        if int(grade) > 0:
            judged.setdefault(query, {})[passage] = int(grade)
    return judged
