from pathlib import Path

import numpy as np
import pytest

from trinax.evaluation.calibrate import (
    MODELS,
    Sample,
    articles,
    constants,
    families,
    held_out,
    questions,
    related,
    report,
    sampled,
)
from trinax.evaluation.datasets import Dataset, Document, load
from trinax.evaluation.runner import Parts
from trinax.retrieval.confidence import Evidence, probability


def dataset(name: str, titles: list[str], texts: list[str]) -> Dataset:
    corpus = tuple(Document(f"{name}{i}", title, title) for i, title in enumerate(titles))
    queries = {f"{name}-q{i}": text for i, text in enumerate(texts)}
    return Dataset(name, corpus, queries, {id: {corpus[0].id: 1} for id in queries})


def test_datasets_with_a_common_title_are_related() -> None:
    assert related(dataset("a", ["New_York"], []), dataset("b", ["new york", "Rome"], []))


def test_datasets_with_a_common_question_are_related() -> None:
    assert related(dataset("a", ["x"], ["why?"]), dataset("b", ["y"], ["why?"]))


def test_empty_titles_relate_nothing() -> None:
    assert not related(dataset("a", [""], ["why?"]), dataset("b", [""], ["how?"]))


def test_families_hang_together_over_others() -> None:
    chain = [dataset("a", ["x"], []), dataset("b", ["x", "y"], []), dataset("c", ["y"], [])]
    numbers = families([*chain, dataset("d", ["z"], [])])
    assert len({*numbers[:3]}) == 1
    assert numbers[3] not in numbers[:3]


def test_a_large_article_makes_a_collection_of_its_own() -> None:
    whole = dataset("a", ["Rome"] * 15 + ["Oslo"], [f"question {i}" for i in range(20)])
    (article,) = articles(whole)
    assert article.name == "a: Rome"
    assert len(article.corpus) == 15
    assert len(article.queries) == 20


def test_a_collection_is_asked_its_own_questions_and_foreign_ones(birds: Path, bread: Path) -> None:
    everything = [load(birds), load(bread)]
    asked = list(questions(everything[0], everything))
    assert [kind for kind, _, _ in asked] == ["answerable"] * 3 + ["foreign"] * 3


def test_neighbouring_questions_are_in_one_part() -> None:
    whole = dataset("a", ["Rome"], [f"question {i}" for i in range(20)])
    parts = {text: part for _, part, text in questions(whole, [whole])}
    assert [parts[f"question {i}"] for i in range(20)] == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4 + [
        4
    ] * 4


def test_answerable_questions_leave_more_evidence(birds: Path, bread: Path, parts: Parts) -> None:
    samples = list(sampled([load(birds), load(bread)], parts))
    own = [probability(sample.evidence) for sample in samples if sample.kind == "answerable"]
    foreign = [probability(sample.evidence) for sample in samples if sample.kind == "foreign"]
    assert min(own) > max(foreign)


def test_a_family_is_judged_by_the_others() -> None:
    # Family 1 alone would teach the opposite.
    samples = [
        Sample("a", 0, "answerable", Evidence(1.0, 1.0, 1.0)),
        Sample("a", 0, "foreign", Evidence()),
        Sample("b", 1, "answerable", Evidence()),
        Sample("b", 1, "foreign", Evidence(1.0, 1.0, 1.0)),
    ]
    found = held_out(samples, MODELS["FULL"])
    assert found[2] < 0.1 < 0.9 < found[3]


def test_a_question_is_judged_by_other_parts() -> None:
    # Part 1 alone would teach the opposite. Coverage is the same everywhere.
    some, none = Evidence(sentence=1.0), Evidence(sentence=0.0)
    samples = [
        Sample("a", 0, "answerable", some, part=0),
        Sample("a", 0, "unanswerable", none, part=0),
        Sample("a", 0, "answerable", none, part=1),
        Sample("a", 0, "unanswerable", some, part=1),
    ]
    found = held_out(samples, MODELS["FULL"])
    assert found[2] < found[3]
    assert found[0] < found[1]


def test_without_unanswerable_questions_the_second_half_says_nothing() -> None:
    samples = [
        Sample("a", 0, "answerable", Evidence(1.0, 1.0, 1.0)),
        Sample("b", 1, "foreign", Evidence()),
    ]
    assert "answers: no questions to fit it to" in constants(samples, MODELS["FULL"])


def test_the_report_gives_both_error_rates() -> None:
    samples = [
        Sample("a", 0, "answerable", Evidence()),
        Sample("a", 0, "answerable", Evidence()),
        Sample("a", 0, "foreign", Evidence()),
        Sample("a", 0, "unanswerable", Evidence()),
    ]
    lines = report(samples, np.array([0.9, 0.4, 0.1, 0.6]), threshold=0.5).splitlines()
    figures = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert figures == ["a", "1.000", "0.500", "0.000", "0.500", "1.000"]


@pytest.mark.parametrize("kind", ["answerable", "foreign"])
def test_questions_are_the_same_at_every_run(birds: Path, bread: Path, kind: str) -> None:
    everything = [load(birds), load(bread)]
    runs = [list(questions(everything[0], everything)) for _ in range(2)]
    assert runs[0] == runs[1]
