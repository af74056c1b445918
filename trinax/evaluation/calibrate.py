"""python -m trinax.evaluation.calibrate DIR…: fit and judge the confidence of retrieval.

The folders are datasets. A question put to its own collection is answerable; put to one that
shares neither titles nor questions with its own, it is not. Collections of a few dozen passages
are made of a dataset's larger articles. Figures are of collections that the fit has not seen.
"""

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, datasets
from trinax.evaluation.datasets import Dataset, Document
from trinax.evaluation.logistic import Array, fit, sigmoid
from trinax.evaluation.metrics import auroc, mean
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, indexed, retriever
from trinax.retrieval.confidence import Evidence
from trinax.retrieval.records import Query

Kind = Literal["answerable", "foreign", "unanswerable"]

# The constants of confidence.py and the evidence that each looks at.
MODELS = {
    "FULL": ("coverage", "strength", "cosine"),
    "LEXICAL": ("coverage", "strength"),
}

SEED = 7
OWN_QUESTIONS = 150
FOREIGN_QUESTIONS = 25  # of each other collection
UNANSWERABLE_QUESTIONS = 300
ARTICLE_DOCUMENTS = 15  # an article of so many makes a collection of its own
ARTICLE_QUESTIONS = 20  # if at least so many are answered there
ARTICLES = 8  # of one dataset


@dataclass(frozen=True, slots=True)
class Sample:
    """kind: "unanswerable" questions are about their collection and have no answer in it; they
    are reported and not fitted to. family: shared by related collections."""

    collection: str
    family: int
    kind: Kind
    evidence: Evidence


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.calibrate")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    parts = builtin.parts()
    try:
        loaded = [datasets.load(folder) for folder in arguments.folders]
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    samples = list(sampled(loaded, parts))
    for name, evidence in MODELS.items():
        print(f"{name}: {constants(samples, evidence)}\n")
        probabilities = held_out(samples, evidence)
        print(report(samples, probabilities, parts.settings.confidence_threshold), end="\n\n")
    return 0


def sampled(loaded: Sequence[Dataset], parts: Parts) -> Iterator[Sample]:
    """Questions put to collections, theirs and others, with the evidence found."""
    everything = [*loaded, *(part for dataset in loaded for part in articles(dataset))]
    family = families(everything)
    corpora = {f"c{i}": dataset.corpus for i, dataset in enumerate(everything)}
    with indexed(corpora, parts) as registry:
        search = retriever(registry, parts)
        for i, dataset in enumerate(everything):
            for kind, question in questions(dataset, everything):
                evidence = search.evidence(Query(question, collections=(f"c{i}",)))
                yield Sample(dataset.name, family[i], kind, evidence)


def questions(dataset: Dataset, everything: Sequence[Dataset]) -> Iterator[tuple[Kind, str]]:
    """What the collection of a dataset is asked, the same at every run."""
    own = [dataset.queries[id] for id in dataset.judged()]
    yield from (("answerable", text) for text in _some(own, OWN_QUESTIONS))
    lost = [dataset.queries[id] for id in dataset.queries if id in dataset.unanswerable]
    yield from (("unanswerable", text) for text in _some(lost, UNANSWERABLE_QUESTIONS))
    for other in everything:
        if not related(dataset, other):
            foreign = [other.queries[id] for id in other.judged()]
            yield from (("foreign", text) for text in _some(foreign, FOREIGN_QUESTIONS))


def related(one: Dataset, other: Dataset) -> bool:
    """Whether a question of one may be answered by the other: they share a title or a question."""
    if one.name == other.name or not _titles(one).isdisjoint(_titles(other)):
        return True
    return not {*one.queries.values()}.isdisjoint(other.queries.values())


def families(everything: Sequence[Dataset]) -> list[int]:
    """A number for each dataset; related ones, directly or over others, share it."""
    family = list(range(len(everything)))
    for i, one in enumerate(everything):
        for j in range(i):
            if family[i] != family[j] and related(one, everything[j]):
                old, new = family[i], family[j]
                family = [new if each == old else each for each in family]
    return family


def articles(dataset: Dataset) -> Iterator[Dataset]:
    """The largest groups of documents with one title, each as a small dataset."""
    found = [article for article in _by_title(dataset) if len(article.queries) >= ARTICLE_QUESTIONS]
    yield from sorted(found, key=lambda article: -len(article.corpus))[:ARTICLES]


def _by_title(dataset: Dataset) -> Iterator[Dataset]:
    groups: defaultdict[str, list[Document]] = defaultdict(list)
    for document in dataset.corpus:
        groups[document.title].append(document)
    for title, documents in sorted(groups.items()):
        if not title or len(documents) < ARTICLE_DOCUMENTS:
            continue
        ids = {document.id for document in documents}
        qrels = {id: grades for id, grades in dataset.qrels.items() if ids >= grades.keys()}
        queries = {id: text for id, text in dataset.queries.items() if id in qrels}
        yield Dataset(f"{dataset.name}: {title}", tuple(documents), queries, qrels)


def held_out(samples: Sequence[Sample], evidence: Sequence[str]) -> Array:
    """(n,) probability of each sample by a fit of these kinds of evidence on other families."""
    features, labels, weights = _arrays(samples, evidence)
    family = np.array([sample.family for sample in samples])
    found = np.zeros(len(samples))
    for each in np.unique(family):
        seen = (family != each) & (weights > 0)
        beta = fit(features[seen], labels[seen], weights[seen])
        found[family == each] = sigmoid(beta[0] + features[family == each] @ beta[1:])
    return found


def constants(samples: Sequence[Sample], evidence: Sequence[str]) -> str:
    """What confidence.py holds, fitted to everything."""
    features, labels, weights = _arrays(samples, evidence)
    seen = weights > 0
    beta = fit(features[seen], labels[seen], weights[seen])
    names = ["intercept", *evidence]
    return ", ".join(f"{name}={value:.2f}" for name, value in zip(names, beta, strict=True))


def report(samples: Sequence[Sample], probabilities: Array, threshold: float) -> str:
    """A row for each collection and their mean.

    missed: answerable questions below the threshold. foreign: questions of other collections
    that reach it; unanswerable: questions that only look answerable and reach it.
    """
    by_collection: defaultdict[str, dict[Kind, list[float]]] = defaultdict(
        lambda: {"answerable": [], "foreign": [], "unanswerable": []}
    )
    for sample, probability in zip(samples, probabilities, strict=True):
        by_collection[sample.collection][sample.kind].append(float(probability))
    rows = {name: _row(found, threshold) for name, found in by_collection.items()}
    means = [
        mean(value for value in column if value == value)
        for column in zip(*rows.values(), strict=True)
    ]
    lines = [[name, *map(_figure, row)] for name, row in [*rows.items(), ("mean", means)]]
    head = ["collection", "AUROC", "missed", "foreign", "AUROC unanswerable", "unanswerable"]
    return table(head, lines)


def _row(found: Mapping[Kind, Sequence[float]], threshold: float) -> list[float]:
    return [
        auroc(found["answerable"], found["foreign"]),
        1 - _reaching(found["answerable"], threshold),
        _reaching(found["foreign"], threshold),
        auroc(found["answerable"], found["unanswerable"]),
        _reaching(found["unanswerable"], threshold),
    ]


def _reaching(probabilities: Sequence[float], threshold: float) -> float:
    if not probabilities:
        return float("nan")
    return mean(float(probability >= threshold) for probability in probabilities)


def _figure(value: float) -> str:
    return "" if value != value else f"{value:.3f}"


def _arrays(samples: Sequence[Sample], evidence: Sequence[str]) -> tuple[Array, Array, Array]:
    """Features, labels and weights: both kinds weigh the same, and so do all collections."""
    counts = Counter((sample.collection, sample.kind) for sample in samples)
    features = [[getattr(sample.evidence, name) or 0.0 for name in evidence] for sample in samples]
    labels = [sample.kind == "answerable" for sample in samples]
    weights = [
        (sample.kind != "unanswerable") / counts[sample.collection, sample.kind]
        for sample in samples
    ]
    return np.array(features), np.array(labels, dtype=np.float64), np.array(weights)


def _titles(dataset: Dataset) -> set[str]:
    titles = {document.title.replace("_", " ").casefold().strip() for document in dataset.corpus}
    return titles - {""}


def _some(items: Sequence[str], limit: int) -> list[str]:
    return random.Random(SEED).sample(items, limit) if len(items) > limit else list(items)


if __name__ == "__main__":
    sys.exit(main())
