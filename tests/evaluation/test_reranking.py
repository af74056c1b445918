from collections.abc import Mapping

import numpy as np
import pytest

from trinax.evaluation.datasets import Dataset, Document
from trinax.evaluation.metrics import ndcg
from trinax.evaluation.reranking import (
    Array,
    Ranked,
    Stack,
    ascent,
    fit,
    held_out,
    over,
    ranked,
    report,
    shown,
    stack,
)
from trinax.evaluation.runner import Parts
from trinax.retrieval.reranking import RERANKED, WEIGHTS

NOTHING = np.zeros(len(WEIGHTS))


def one(
    scores: list[float], documents: tuple[str, ...], grades: Mapping[str, int], columns: Array
) -> Ranked:
    return Ranked(np.array(scores), columns, documents, grades, 0.5)


def told(questions: int) -> Stack:
    """Only the first feature says which candidate is right, and the scores say the contrary."""
    draw = np.random.default_rng(3)
    found = []
    for _ in range(questions):
        columns = draw.random((6, len(WEIGHTS)))
        right = int(draw.integers(6))
        columns[:, 0] = np.arange(6) == right
        scores = [0.5 - 0.1 * (place == right) for place in range(6)]
        found.append(one(scores, tuple("abcdef"), {"abcdef"[right]: 1}, columns))
    return stack(found)


@pytest.mark.parametrize(
    ("documents", "grades"),
    [
        (("a", "b", "c"), {"c": 1}),
        (("a", "b", "a"), {"b": 2, "a": 1}),
        (("a", "a", "b"), {"b": 1, "elsewhere": 3}),
    ],
)
def test_the_figure_is_that_of_the_documents(
    documents: tuple[str, ...], grades: dict[str, int]
) -> None:
    found = stack([one([3.0, 2.0, 1.0], documents, grades, np.zeros((3, len(WEIGHTS))))])
    assert found.ndcg(NOTHING)[0] == pytest.approx(ndcg([*dict.fromkeys(documents)], grades))


def test_the_figure_counts_ten_documents() -> None:
    documents = tuple(f"{place:02}" for place in range(RERANKED))
    scores = [float(-place) for place in range(RERANKED)]
    columns = np.zeros((RERANKED, len(WEIGHTS)))
    tenth, eleventh = (stack([one(scores, documents, {f"{i:02}": 1}, columns)]) for i in (9, 10))
    assert tenth.ndcg(NOTHING)[0] > 0
    assert eleventh.ndcg(NOTHING)[0] == 0


def test_a_fit_finds_the_feature_that_tells() -> None:
    found = told(60)
    weights = fit([found])
    assert found.ndcg(NOTHING).mean() < 0.5
    assert found.ndcg(weights).mean() > 0.95


def test_a_fit_is_the_same_at_every_run() -> None:
    found = told(30)
    assert fit([found]).tolist() == fit([found]).tolist()


def test_the_gradient_leads_to_a_better_figure() -> None:
    found = told(60)
    slope = ascent(found, NOTHING)
    assert int(np.argmax(slope)) == 0
    step = 0.1 * slope / slope.max()
    assert found.ndcg(step).mean() > found.ndcg(NOTHING).mean()


def test_the_order_of_what_is_equally_good_does_not_matter() -> None:
    columns = np.eye(2, len(WEIGHTS))
    found = stack([one([1.0, 0.99], ("a", "b"), {"a": 1, "b": 1}, columns)])
    assert ascent(found, NOTHING) == pytest.approx(NOTHING)


def test_a_dataset_is_judged_by_fits_to_other_families() -> None:
    stacks = {"a": told(30), "b": told(30)}
    held = held_out(stacks, {"a": 0, "b": 1})
    assert held["a"] == pytest.approx(stacks["a"].ndcg(fit([stacks["b"]])))


def test_the_report_has_a_row_for_each_dataset_and_the_mean() -> None:
    stacks = {"a": told(10), "b": told(10)}
    lines = report(stacks, {"a": 0.25, "b": 0.5}, {name: np.ones(10) for name in stacks})
    assert [line.split("|")[1].strip() for line in lines.splitlines()[2:]] == ["a", "b", "mean"]
    assert "0.375" in lines.splitlines()[-1]


def test_the_change_over_bm25_is_that_of_the_means() -> None:
    held = {"a": np.array([0.6, 0.6]), "b": np.array([0.5]), "xquad-zh": np.array([0.6])}
    bm25 = {"a": 0.5, "b": 0.5, "xquad-zh": 0.5}
    assert over(held, bm25) == "+13.3% of all, +10.0% of English prose"


def test_the_weights_are_shown_by_name() -> None:
    assert shown(NOTHING).startswith("cosine 0.00, near_best 0.00")


def test_a_question_is_ranked_by_the_real_parts(parts: Parts) -> None:
    corpus = (Document("owl", "Owls", "Owls hunt at night."), Document("cow", "", "Cows eat."))
    dataset = Dataset("farm", corpus, {"q": "What hunts at night?"}, {"q": {"owl": 1}})
    found = ranked(dataset, parts)[0]
    assert found.documents[0] == "owl"
    assert found.columns.shape == (len(found.documents), len(WEIGHTS))
    assert found.bm25 == 1.0
