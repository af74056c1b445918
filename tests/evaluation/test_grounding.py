import json
from pathlib import Path

import pytest

from trinax.answering.grounding.carrying import Carriers, Weights, score
from trinax.embedding.static import StaticEmbedder
from trinax.evaluation.grounding import fitted, judged, made

SUBJECTS = ("keeper", "lamp", "boat", "foghorn", "harbour", "tower", "storm", "garden", "kitchen")
PLACES = ("Oslo", "Bergen", "Riga", "Gdansk", "Kiel", "Porto", "Cork", "Brest", "Genoa")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus, queries, answers, qrels = [], [], [], []
    for n, subject in enumerate(SUBJECTS):
        text = f"The {subject} of {subject}ville was seen by {120 + 100 * n} men near {PLACES[n]}."
        corpus.append({"_id": f"d{n}", "title": subject, "text": text})
        queries.append({"_id": f"q{n}", "text": f"How many sailors saw the {subject}?"})
        answers.append({"_id": f"q{n}", "answers": [str(120 + 100 * n)]})
        qrels.append(f"q{n}\td{n}\t1")
    for name, rows in (("corpus", corpus), ("queries", queries), ("answers", answers)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "qrels.tsv").write_text("\n".join(qrels))
    return tmp_path


def test_statements_are_made_of_sentences_and_of_questions_with_answers(folder: Path) -> None:
    statements = list(made([folder], 4))
    assert {one.kind for one in statements} == {"quoted", "altered", "answered"}
    for one in statements:
        text = one.sources[0].passage.chunk.text
        assert len(one.sources) == 8
        assert (one.text == text) == (one.kind == "quoted")


def test_right_citations_stay_and_altered_figures_lose_theirs(folder: Path) -> None:
    statements = list(made([folder], 4))
    rows = judged(statements, {0: Weights(), 1: Weights()}, StaticEmbedder())
    kept = {row[1]: (row[3], row[5]) for row in rows}
    assert kept["quoted"][0] == "1.000"
    assert kept["altered"] == ("", "1.000")


def test_weights_reward_what_the_right_passage_has(folder: Path) -> None:
    embedder = StaticEmbedder()
    seen = []
    for one in [one for one in made([folder], 9) if one.kind == "answered"]:
        carriers = Carriers(one.sources, embedder)
        seen.append((one, [carriers.features(one.text, s.n) for s in one.sources]))
    weights = fitted(seen)
    for _, (right, *others) in seen:
        assert score(right, weights) > max(score(other, weights) for other in others)
