"""python -m trinax.evaluation.multihop DIR… [--sample N] [--json]: research by depth."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random

import anyio

from trinax.answering.research.gathering import Limits, gathered
from trinax.answering.research.merging import SHOWN
from trinax.answering.research.records import DEPTHS, Gathered, Inquiry
from trinax.answering.research.rules import RulePlanner
from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, datasets, metrics
from trinax.evaluation.datasets import Dataset
from trinax.evaluation.runner import Parts, indexed, retriever
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever
from trinax.settings import Research

SEED = 0


@dataclass(frozen=True, slots=True)
class Row:
    """Of one dataset. bm25: one BM25 pass. depths: depth 1, 2, 3. halves: of the last, the
    questions of even and of odd place. passes, time_ms: mean and median at depth 3."""

    dataset: str
    questions: int
    bm25: float
    depths: tuple[float, ...]
    halves: tuple[float, float]
    passes: float
    time_ms: float


@dataclass(frozen=True, slots=True)
class _Run:
    shares: tuple[float, ...]
    passes: int
    time_ms: float


def row(dataset: Dataset, searcher: Retriever, sample: int = 0) -> Row:
    """Shares of the relevant documents among the first 8 sources, planned by rules alone.

    searcher: over that dataset. sample: questions drawn with a fixed seed; 0 for all.
    """
    judged = dataset.judged()
    if sample and sample < len(judged):
        judged = Random(SEED).sample(judged, sample)
    bm25 = [_bm25(dataset, one, searcher) for one in judged]
    runs = [anyio.run(partial(_run, dataset, one, searcher)) for one in judged]
    last = [run.shares[-1] for run in runs]
    return Row(
        dataset=dataset.name,
        questions=len(judged),
        bm25=metrics.mean(bm25),
        depths=tuple(metrics.mean(run.shares[at] for run in runs) for at in range(len(DEPTHS))),
        halves=(metrics.mean(last[::2]), metrics.mean(last[1::2])),
        passes=metrics.mean(run.passes for run in runs),
        time_ms=sorted(run.time_ms for run in runs)[len(runs) // 2] if runs else 0.0,
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    depths = " | ".join(f"depth {depth}" for depth in DEPTHS)
    lines = [
        f"| Set | Questions | One BM25 pass | {depths} | Depth 3, halves | Passes | Time, ms |",
        "|---|---|---|" + "---|" * (len(DEPTHS) + 3),
    ]
    for each in rows:
        shares = " | ".join(f"{share:.3f}" for share in each.depths)
        halves = f"{each.halves[0]:.3f}, {each.halves[1]:.3f}"
        lines.append(
            f"| {each.dataset} | {each.questions} | {each.bm25:.3f} | {shares} | {halves} "
            f"| {each.passes:.1f} | {each.time_ms:.0f} |"
        )
    return "\n".join(lines)


def evaluate(folder: Path, parts: Parts, sample: int = 0) -> Row:
    """Raises InvalidRequest for a folder that is no dataset."""
    dataset = datasets.load(folder)
    with indexed({"corpus": dataset.corpus}, parts) as registry:
        return row(dataset, retriever(registry, parts), sample)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m trinax.evaluation.multihop", description=__doc__
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="of each; 0 = all")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args(arguments)
    parts = builtin.parts()
    try:
        rows = [evaluate(folder, parts, given.sample) for folder in given.folders]
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps([asdict(each) for each in rows], indent=2) if given.json else table(rows))
    return 0


def _bm25(dataset: Dataset, query_id: str, searcher: Retriever) -> float:
    found = searcher.found(Query(dataset.queries[query_id], mode="bm25", limit=SHOWN))
    files = [ranked.passage.file for ranked in found.ranked]
    return metrics.recall(files, dataset.qrels[query_id], SHOWN)


async def _run(dataset: Dataset, query_id: str, searcher: Retriever) -> _Run:
    shares, passes, spent_ms = [], 0, 0.0
    for depth in DEPTHS:
        start = time.perf_counter()
        inquiry = Inquiry(dataset.queries[query_id], depth)
        limits = Limits(Research().passages, confidence=Research().confidence_threshold)
        async for step in gathered(inquiry, RulePlanner(), searcher.search, limits):
            if isinstance(step, Gathered):
                # Where the collections do not know, an answer has no sources.
                shown = step.ranked[:SHOWN] if step.confidence >= limits.confidence else ()
                files = [ranked.passage.file for ranked in shown]
                shares.append(metrics.recall(files, dataset.qrels[query_id], SHOWN))
                passes = len(step.passes)
        spent_ms = 1000 * (time.perf_counter() - start)
    return _Run(tuple(shares), passes, spent_ms)


if __name__ == "__main__":
    sys.exit(main())
