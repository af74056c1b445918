"""python -m trinax.evaluation.copies DIR…: what is left out of rankings as a copy, and of which it
was the only passage of a relevant document."""

from dataclasses import astuple, dataclass

from trinax.evaluation import arguments, builtin, datasets
from trinax.evaluation.datasets import Dataset
from trinax.evaluation.report import table
from trinax.evaluation.runner import DEPTH, Parts, indexed
from trinax.retrieval.pool import Duplicate
from trinax.retrieval.records import Query
from trinax.retrieval.searching import searched
from trinax.retrieval.stopwatch import Stopwatch

QUESTIONS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """Of one dataset. kept: passages, DEPTH a question. same: copies that differ in white space at
    most; near: the others. lost: relevant documents that have no other passage in the ranking;
    to_relevant: those of them whose copy is in another relevant document."""

    dataset: str
    questions: int
    kept: int
    same: int
    near: int
    lost: int
    to_relevant: int


def row(dataset: Dataset, parts: Parts) -> Row:
    asked = datasets.some(dataset.judged(), QUESTIONS)
    kept = same = near = lost = to_relevant = 0
    with indexed({"corpus": dataset.corpus}, parts) as registry:
        stores = [store for _, store in registry.select()]
        for id in asked:
            query = Query(dataset.queries[id], limit=DEPTH)
            found = searched(query, stores, parts.embedder, parts.settings, Stopwatch())
            kept += len(found.passages)
            equal = sum(map(_is_same, found.duplicates))
            same, near = same + equal, near + len(found.duplicates) - equal
            relevant = {file for file, grade in dataset.qrels[id].items() if grade > 0}
            gone = relevant - {passage.file for passage in found.passages}
            lasts = {one.passage.file: one.of.file for one in found.duplicates}
            lost += len(gone & lasts.keys())
            to_relevant += sum(lasts[file] in relevant for file in gone & lasts.keys())
    return Row(dataset.name, len(asked), kept, same, near, lost, to_relevant)


def _is_same(one: Duplicate) -> bool:
    return one.passage.chunk.text.split() == one.of.chunk.text.split()


def main() -> None:
    parts = builtin.parts()
    found = [row(dataset, parts) for dataset in arguments.named("trinax.evaluation.copies")]
    head = ["dataset", "questions", "passages", "same", "near", "lost", "to relevant"]
    print(table(head, [list(map(str, astuple(one))) for one in found]))


if __name__ == "__main__":
    main()
