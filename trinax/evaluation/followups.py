"""python -m trinax.evaluation.followups [DIR…]: questions that lean on the turns before them.

With data sets, also what a history does to questions that need none.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, datasets, metrics
from trinax.evaluation.datasets import Dataset
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, indexed, retriever
from trinax.retrieval.followup import TURNS, leans
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

# 110 conversations over 87 texts, written for this, with a complete last question for each.
FOLDER = Path(__file__).parent / "conversations"
DEPTH = 10
ALL = "all"
# Questions of a data set that are asked.
QUESTIONS = 300


@dataclass(frozen=True, slots=True)
class Conversation:
    """turns: the user's, oldest first. complete: the last of them as somebody would put it who had
    said nothing before. relevant: ids of the texts that answer it. kind: what makes it lean."""

    kind: str
    turns: tuple[str, ...]
    complete: str
    relevant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Means over the conversations of a kind, or of a half, for one way to ask. half: "dev" of what
    trinax was tuned on, "held out" of the others."""

    kind: str
    half: str
    way: str
    conversations: int
    ndcg_10: float
    recall_10: float
    mrr_10: float


@dataclass(frozen=True, slots=True)
class Harm:
    """Complete questions of a data set. taken: share that is taken for leaning on others. alone,
    after: nDCG@10 without history, and after other questions of the set."""

    dataset: str
    questions: int
    taken: float
    alone: float
    after: float


# By the names of the table; the last is what the others can reach at most.
WAYS: Mapping[str, Callable[[Conversation], Query]] = {
    "last turn alone": lambda one: Query(one.turns[-1], limit=DEPTH),
    "all turns as one": lambda one: Query(" ".join(one.turns), limit=DEPTH),
    "trinax": lambda one: Query(one.turns[-1], history=one.turns[:-1], limit=DEPTH),
    "written out": lambda one: Query(one.complete, limit=DEPTH),
}


def conversations() -> list[Conversation]:
    return [
        Conversation(row["kind"], tuple(row["turns"]), row["complete"], tuple(row["relevant"]))
        for _, row in datasets.rows(FOLDER / "conversations.jsonl")
    ]


def measured(parts: Parts) -> list[Row]:
    """By half and way over all kinds, then by kind and way over both halves."""
    talks = conversations()
    corpus = [
        datasets.Document(row["_id"], row["title"], row["text"])
        for _, row in datasets.rows(FOLDER / datasets.CORPUS)
    ]
    with indexed({"texts": corpus}, parts) as registry:
        searcher = retriever(registry, parts)
        rankings = {
            way: [_ranking(searcher, query(talk)) for talk in talks] for way, query in WAYS.items()
        }
    kinds = dict.fromkeys(talk.kind for talk in talks)
    halves = {"dev": range(0, len(talks), 2), "held out": range(1, len(talks), 2)}
    groups = [(ALL, half, list(places)) for half, places in halves.items()]
    groups += [
        (kind, ALL, [place for place, talk in enumerate(talks) if talk.kind == kind])
        for kind in kinds
    ]
    return [
        _row(kind, half, way, [(talks[place], found[place]) for place in places])
        for kind, half, places in groups
        for way, found in rankings.items()
    ]


def harm(dataset: Dataset, parts: Parts) -> Harm:
    """What a history of questions about something else costs complete ones."""
    asked = datasets.some(dataset.judged(), QUESTIONS)
    texts = [dataset.queries[id] for id in asked]
    with indexed({"corpus": dataset.corpus}, parts) as registry:
        searcher = retriever(registry, parts)

        def mean(histories: Sequence[Sequence[str]]) -> float:
            return metrics.mean(
                metrics.ndcg(
                    _ranking(searcher, Query(text, history=tuple(history), limit=DEPTH)),
                    dataset.qrels[id],
                )
                for id, text, history in zip(asked, texts, histories, strict=True)
            )

        # Those before the first are the last ones.
        before = [
            [texts[(at - back) % len(texts)] for back in range(TURNS, 0, -1)]
            for at in range(len(texts))
        ]
        taken = metrics.mean(float(leans(text)) for text in texts)
        return Harm(dataset.name, len(asked), taken, mean([()] * len(asked)), mean(before))


def shown(rows: Sequence[Row]) -> str:
    """A table of the halves and one of the kinds."""
    halves = [
        [row.way, row.half, str(row.conversations)]
        + [f"{one:.3f}" for one in (row.ndcg_10, row.recall_10, row.mrr_10)]
        for row in rows
        if row.kind == ALL
    ]
    figures = {(row.kind, row.way): row for row in rows if row.half == ALL}
    kinds = dict.fromkeys(row.kind for row in figures.values())
    each = [
        [kind, str(figures[kind, next(iter(WAYS))].conversations)]
        + [f"{figures[kind, way].ndcg_10:.3f}" for way in WAYS]
        for kind in kinds
    ]
    head = ["asked", "half", "conversations", "nDCG@10", "R@10", "MRR@10"]
    return "\n\n".join([table(head, halves), table(["nDCG@10", "conversations", *WAYS], each)])


def harm_shown(rows: Sequence[Harm]) -> str:
    head = ["dataset", "questions", "taken for follow-ups", "nDCG@10 alone", "after others"]
    return table(
        head,
        [
            [row.dataset, str(row.questions), f"{100 * row.taken:.1f} %"]
            + [f"{one:.3f}" for one in (row.alone, row.after)]
            for row in rows
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m trinax.evaluation.followups", description=__doc__
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    given = parser.parse_args(arguments)
    parts = builtin.parts()
    try:
        sets = [datasets.load(folder) for folder in given.folders]
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    print(shown(measured(parts)))
    if sets:
        print(f"\n{harm_shown([harm(one, parts) for one in sets])}")
    return 0


def _ranking(searcher: Retriever, query: Query) -> list[str]:
    return list(dict.fromkeys(one.passage.file for one in searcher.found(query).ranked))


def _row(
    kind: str, half: str, way: str, found: Sequence[tuple[Conversation, Sequence[str]]]
) -> Row:
    judged = [(ranking, dict.fromkeys(talk.relevant, 1)) for talk, ranking in found]
    return Row(
        kind=kind,
        half=half,
        way=way,
        conversations=len(found),
        ndcg_10=metrics.mean(metrics.ndcg(*one) for one in judged),
        recall_10=metrics.mean(metrics.recall(*one, DEPTH) for one in judged),
        mrr_10=metrics.mean(metrics.reciprocal_rank(*one) for one in judged),
    )


if __name__ == "__main__":
    sys.exit(main())
