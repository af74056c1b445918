"""Runs of a dataset: indexed once, asked in every mode."""

from collections.abc import Sequence

import numpy as np

from trinax.evaluation.datasets import Dataset
from trinax.evaluation.outcomes import Run
from trinax.evaluation.peers import NaiveIndex
from trinax.evaluation.runner import DEPTH, MODES, Parts, indexed, ranked, retriever, run
from trinax.retrieval.records import Mode

# The way of word_run().
WORDS = "words"


def evaluate(
    dataset: Dataset,
    parts: Parts,
    modes: Sequence[Mode] = MODES,
    split: int = 1,
    limit: int = DEPTH,
) -> list[Run]:
    """A run for each mode.

    split: collections that the corpus is dealt into and that are searched together. limit:
    passages asked for by each question.
    """
    corpora = {f"part{i}": dataset.corpus[i::split] for i in range(split)}
    with indexed(corpora, parts) as registry:
        return [run(dataset, retriever(registry, parts), mode, limit) for mode in modes]


def word_run(dataset: Dataset) -> Run:
    """What a few lines of rank-bm25 find: whole documents by their words in lower case."""
    texts = [f"{document.title}\n{document.text}" for document in dataset.corpus]
    nothing = np.zeros(1, np.float32)  # so that only words count
    index = NaiveIndex(texts, [nothing] * len(texts))

    def ranking(text: str) -> list[str]:
        return [dataset.corpus[i].id for i in index.search(text, nothing, DEPTH)]

    return ranked(dataset, WORDS, ranking)
