"""python -m trinax.evaluation.extractive DIR… [--sample N] [--fit]: the answerer that quotes.

The folders are datasets with answers. Retrieval gives what an answer gets, confidence and its
threshold included. --fit prints weights for the features of an excerpt instead, and how often the
best excerpt holds an answer under weights that were fitted to other articles.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import anyio

from trinax.errors import InvalidRequest
from trinax.evaluation import builtin, datasets
from trinax.evaluation.extraction import fitting
from trinax.evaluation.extraction.measuring import FIGURES, Outcome, means, outcome, refused
from trinax.evaluation.extraction.readings import Reading, readings
from trinax.evaluation.metrics import mean
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.extractive")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--sample", type=int, metavar="N", help="questions of each dataset")
    parser.add_argument("--fit", action="store_true", help="print weights fitted to all of them")
    given = parser.parse_args(arguments)
    parts = builtin.parts()
    try:
        loaded = [datasets.load(folder) for folder in given.folders]
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 1
    found = {one.name: list(readings(one, parts, given.sample)) for one in loaded}
    if given.fit:
        print(_fitted([reading for each in found.values() for reading in each], parts))
        return 0
    rows = [_row(name, each, parts) for name, each in found.items()]
    print(table(["dataset", "questions", *FIGURES, "unanswerable", "refused"], rows))
    return 0


def _row(name: str, given: Sequence[Reading], parts: Parts) -> list[str]:
    outcomes = anyio.run(_outcomes, given, parts)
    threshold = parts.settings.confidence_threshold
    lost = list(refused(given, threshold))
    figures = [
        f"{value:.1f}" if name in ("words", "milliseconds") else f"{value:.3f}"
        for name, value in zip(FIGURES, means(outcomes), strict=True)
    ]
    share = f"{mean(map(float, lost)):.3f}" if lost else ""
    return [name, str(len(outcomes)), *figures, str(len(lost)), share]


async def _outcomes(given: Sequence[Reading], parts: Parts) -> list[Outcome]:
    answerer = builtin.answerer(parts)
    threshold = parts.settings.confidence_threshold
    return [await outcome(reading, answerer, threshold) for reading in given if reading.answers]


def _fitted(given: Sequence[Reading], parts: Parts) -> str:
    taught = list(fitting.examples(given, parts.embedder))
    full = [one.scores for one in given if len(one.scores) == parts.settings.passages]
    typical = [mean(column) for column in zip(*(_relative(scores) for scores in full), strict=True)]
    held_out = mean(map(float, fitting.held_out(taught)))
    return (
        f"{fitting.constants(fitting.fit(taught))}\n\n"
        f"best excerpt holds an answer, held out by article: {held_out:.4f} of {len(taught)}\n"
        f"typical scores: {', '.join(f'{score:.2f}' for score in typical)}"
    )


def _relative(scores: Sequence[float]) -> list[float]:
    return [score / max(scores) for score in scores]


if __name__ == "__main__":
    sys.exit(main())
