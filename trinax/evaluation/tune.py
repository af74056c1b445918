"""python -m trinax.evaluation.tune DIR…: nDCG@10 of datasets under each way of fusing.

Every question is searched once and fused in all ways. The last column is what a dataset gets
with the weight that is best for the mean of the others.
"""

import sys
from collections.abc import Callable, Mapping

from trinax.evaluation import builtin
from trinax.evaluation.arguments import named
from trinax.evaluation.datasets import Dataset, some
from trinax.evaluation.metrics import mean, ndcg
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts, indexed
from trinax.index.ports import Store
from trinax.retrieval import fusion
from trinax.retrieval.pool import Pool, Wanted, gather
from trinax.retrieval.question import question

QUESTIONS = 300  # of each dataset
WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5)
# Passages of which the first ten documents are taken.
PASSAGES = 40

Ranking = list[tuple[str, float]]


def main() -> int:
    loaded = named("trinax.evaluation.tune")
    parts = builtin.parts()
    print(report({dataset.name: figures(dataset, parts) for dataset in loaded}))
    return 0


def ways() -> dict[str, Callable[[Pool], Ranking]]:
    """Name → how a pool becomes a ranking."""
    return {
        "bm25": lambda pool: fusion.best_first(pool.bm25),
        "dense": lambda pool: fusion.best_first(pool.dense),
        "rrf": lambda pool: fusion.rrf([list(pool.bm25), list(pool.dense)[: pool.listed]]),
        **{f"{weight:g}": _weighted(weight) for weight in WEIGHTS},
    }


def figures(dataset: Dataset, parts: Parts) -> dict[str, float]:
    """Way of fusing → nDCG@10."""
    judged = some(dataset.judged(), QUESTIONS)
    found: dict[str, list[float]] = {way: [] for way in ways()}
    with indexed({"dataset": dataset.corpus}, parts) as registry:
        for query_id in judged:
            pool = _pool(dataset.queries[query_id], registry.get("dataset"), parts)
            for way, fused in ways().items():
                order = [chunk_id for chunk_id, _ in fused(pool)[:PASSAGES]]
                files = dict.fromkeys(one.file for one in pool.passages(order).values())
                found[way].append(ndcg([*files], dataset.qrels[query_id]))
    return {way: mean(values) for way, values in found.items()}


def held_out(found: Mapping[str, Mapping[str, float]], name: str) -> float:
    """The dataset's figure with the weight that is best for the mean of the other datasets."""
    others = [figures for other, figures in found.items() if other != name]
    weights = [f"{weight:g}" for weight in WEIGHTS]
    best = max(weights, key=lambda weight: mean(figures[weight] for figures in others))
    return found[name][best]


def report(found: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each dataset and the mean. found: dataset → way of fusing → nDCG@10."""
    head = ["dataset", *ways(), "held out"]
    rows = {name: [*figures.values(), held_out(found, name)] for name, figures in found.items()}
    rows["mean"] = [mean(column) for column in zip(*rows.values(), strict=True)]
    return table(head, [[name, *(f"{value:.3f}" for value in row)] for name, row in rows.items()])


def _pool(text: str, store: Store, parts: Parts) -> Pool:
    asked = question([(text, 1.0)], parts.embedder)
    return gather([store], Wanted(asked.vector, asked.terms, parts.settings.candidates))


def _weighted(weight: float) -> Callable[[Pool], Ranking]:
    return lambda pool: fusion.weighted(pool.bm25, pool.dense, weight, pool.floor)


if __name__ == "__main__":
    sys.exit(main())
