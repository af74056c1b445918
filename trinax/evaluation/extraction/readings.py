"""Questions of a dataset with the passages that retrieval gives an answer."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from trinax.evaluation.datasets import Dataset
from trinax.evaluation.runner import Parts, indexed, retriever
from trinax.index.records import Passage
from trinax.retrieval.records import Query

SEED = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A question and what was found for it.

    article: title of the document that answers it, "" if none does. gold: ids of the documents
    that answer it. answers: () where the dataset says that it has none.
    """

    question: str
    passages: tuple[Passage, ...]
    scores: tuple[float, ...]
    confidence: float
    answers: tuple[str, ...]
    gold: frozenset[str]
    article: str


def readings(dataset: Dataset, parts: Parts, sample: int | None = None) -> Iterator[Reading]:
    """Of all questions with answers and of those that have none; of a sample, always the same."""
    ids = [id for id in dataset.queries if dataset.answers.get(id) or id in dataset.unanswerable]
    if sample is not None and sample < len(ids):
        ids = random.Random(SEED).sample(ids, sample)
    titles = {document.id: document.title for document in dataset.corpus}
    with indexed({"c": dataset.corpus}, parts) as registry:
        search = retriever(registry, parts)
        for id in ids:
            found = search.found(Query(dataset.queries[id], limit=parts.settings.passages))
            gold = [file for file, grade in dataset.qrels.get(id, {}).items() if grade > 0]
            yield Reading(
                dataset.queries[id],
                tuple(ranked.passage for ranked in found.ranked),
                tuple(ranked.score for ranked in found.ranked),
                found.confidence,
                () if id in dataset.unanswerable else dataset.answers[id],
                frozenset(gold),
                titles.get(gold[0], "") if gold else "",
            )
