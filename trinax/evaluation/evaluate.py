"""Retrieval scores of a folder that holds a dataset."""

from collections.abc import Sequence
from pathlib import Path

from trinax.evaluation import datasets
from trinax.evaluation.runner import MODES, Parts, Scores, indexed, retriever, scores
from trinax.retrieval.records import Mode


def evaluate(
    folder: Path, parts: Parts, modes: Sequence[Mode] = MODES, split: int = 1
) -> list[Scores]:
    """Scores of the dataset, one for each mode.

    split: collections that the corpus is dealt into and that are searched together.
    Raises InvalidRequest for a folder that is no dataset.
    """
    dataset = datasets.load(folder)
    corpora = {f"part{i}": dataset.corpus[i::split] for i in range(split)}
    with indexed(corpora, parts) as registry:
        return [scores(dataset, retriever(registry, parts), mode) for mode in modes]
