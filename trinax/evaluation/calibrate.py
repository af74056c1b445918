"""python -m trinax.evaluation.calibrate DIR…: fit and judge the confidence of retrieval.

The folders are datasets. A question put to its own collection is answerable; put to one that
shares neither titles nor questions with its own, it is not. Collections of a few dozen passages
are made of a dataset's larger articles. Whether a covered question is answered is fitted to the
datasets that say so. Figures are of collections, and of questions, that the fit has not seen.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trinax.evaluation import builtin
from trinax.evaluation.arguments import named
from trinax.evaluation.datasets import Dataset, Document, some
from trinax.evaluation.logistic import Array, fit, sigmoid
from trinax.evaluation.metrics import auroc, mean
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, indexed, retriever
from trinax.retrieval.confidence import Evidence
from trinax.retrieval.records import Query

Kind = Literal["answerable", "foreign", "unanswerable"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The evidence that the two halves of a model in confidence.py look at."""

    covers: tuple[str, ...]
    answers: tuple[str, ...]


# The constants of confidence.py.
MODELS = {
    "FULL": Shape(
        ("coverage", "strength", "cosine", "sentence"), ("cosine", "sentence", "contrary")
    ),
    "LEXICAL": Shape(("coverage", "strength", "sentence"), ("sentence", "contrary")),
}

OWN_QUESTIONS = 150
# Of a dataset that says which questions have no answer, and as many of those: its rates say
# something only with many.
TOLD_QUESTIONS = 1000
FOREIGN_QUESTIONS = 25  # of each other collection
# Assumed of the questions that a collection covers: how many it does not answer. More of them
# would find more of those, and miss more of the others; 0003-fusion.md has figures.
UNANSWERED_SHARE = 0.02
PARTS = 5  # that a dataset's questions are dealt into for judging the second half of a model
ARTICLE_DOCUMENTS = 15  # an article of so many makes a collection of its own
ARTICLE_QUESTIONS = 20  # if at least so many are answered there
ARTICLES = 8  # of one dataset


@dataclass(frozen=True, slots=True)
class Sample:
    """kind: "unanswerable" questions are about their collection and have no answer in it.
    family: shared by related collections. part: of its dataset's questions, in their order:
    neighbours are about the same text."""

    collection: str
    family: int
    kind: Kind
    evidence: Evidence
    part: int = 0


def main() -> int:
    loaded = named("trinax.evaluation.calibrate")
    parts = builtin.parts()
    samples = list(sampled(loaded, parts))
    for name, shape in MODELS.items():
        print(f"{name}: {constants(samples, shape)}\n")
        probabilities = held_out(samples, shape)
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
            for kind, part, question in questions(dataset, everything):
                evidence = search.evidence(Query(question, collections=(f"c{i}",)))
                yield Sample(dataset.name, family[i], kind, evidence, part)


def questions(dataset: Dataset, everything: Sequence[Dataset]) -> Iterator[tuple[Kind, int, str]]:
    """What the collection of a dataset is asked, the same at every run; see Sample for part."""
    part = {id: place * PARTS // len(dataset.queries) for place, id in enumerate(dataset.queries)}
    lost = [id for id in dataset.queries if id in dataset.unanswerable]
    own = some(dataset.judged(), TOLD_QUESTIONS if lost else OWN_QUESTIONS)
    yield from (("answerable", part[id], dataset.queries[id]) for id in own)
    told = some(lost, TOLD_QUESTIONS)
    yield from (("unanswerable", part[id], dataset.queries[id]) for id in told)
    for other in everything:
        if not related(dataset, other):
            foreign = some(other.judged(), FOREIGN_QUESTIONS)
            yield from (("foreign", 0, other.queries[id]) for id in foreign)


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


def held_out(samples: Sequence[Sample], shape: Shape) -> Array:
    """(n,) probability of each sample by fits of this shape: of the first half on other families,
    of the second on other parts of the questions."""
    family = np.array([sample.family for sample in samples])
    part = np.array([sample.part for sample in samples])
    covers = _predicted(family, *_covering(samples, shape.covers))
    return covers * _predicted(part, *_answering(samples, shape.answers))


def _predicted(group: Array, features: Array, labels: Array, weights: Array) -> Array:
    """(n,) probability of each row by a fit to the rows of other groups that have a weight."""
    found = np.ones(len(group))
    for each in np.unique(group):
        seen = (group != each) & (weights > 0)
        if seen.any():
            beta = fit(features[seen], labels[seen], weights[seen])
            found[group == each] = sigmoid(beta[0] + features[group == each] @ beta[1:])
    return found


def constants(samples: Sequence[Sample], shape: Shape) -> str:
    """What confidence.py holds, fitted to everything."""
    halves = {
        "covers": (shape.covers, _covering(samples, shape.covers)),
        "answers": (shape.answers, _answering(samples, shape.answers)),
    }
    return "; ".join(f"{half}: {_fitted(*fitted)}" for half, fitted in halves.items())


def _fitted(evidence: Sequence[str], rows: tuple[Array, Array, Array]) -> str:
    features, labels, weights = rows
    seen = weights > 0
    if not seen.any():
        return "no questions to fit it to"
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


def _covering(samples: Sequence[Sample], evidence: Sequence[str]) -> tuple[Array, Array, Array]:
    """Features, labels and weights: both kinds weigh the same, and so do all collections."""
    counts = Counter((sample.collection, sample.kind) for sample in samples)
    weights = [
        (sample.kind != "unanswerable") / counts[sample.collection, sample.kind]
        for sample in samples
    ]
    return *_labelled(samples, evidence), np.array(weights)


def _answering(samples: Sequence[Sample], evidence: Sequence[str]) -> tuple[Array, Array, Array]:
    """Features, labels and weights: of collections that have unanswerable questions, which weigh
    as much as they are assumed to be asked."""
    counts = Counter((sample.collection, sample.kind) for sample in samples)
    share = {"answerable": 1 - UNANSWERED_SHARE, "unanswerable": UNANSWERED_SHARE, "foreign": 0.0}
    weights = [
        share[sample.kind] / counts[sample.collection, sample.kind]
        if counts[sample.collection, "unanswerable"]
        else 0.0
        for sample in samples
    ]
    return *_labelled(samples, evidence), np.array(weights)


def _labelled(samples: Sequence[Sample], evidence: Sequence[str]) -> tuple[Array, Array]:
    features = [[getattr(sample.evidence, name) or 0.0 for name in evidence] for sample in samples]
    labels = [sample.kind == "answerable" for sample in samples]
    return np.array(features), np.array(labels, dtype=np.float64)


def _titles(dataset: Dataset) -> set[str]:
    titles = {document.title.replace("_", " ").casefold().strip() for document in dataset.corpus}
    return titles - {""}


if __name__ == "__main__":
    sys.exit(main())
