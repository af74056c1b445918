"""`trinax eval` of retrieval: data sets, asked in every mode and compared."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from trinax.cli import terminal
from trinax.cli.measuring import Measured
from trinax.configuration import load
from trinax.documents.chunking import Limits
from trinax.evaluation import builtin, comparison, datasets, report
from trinax.evaluation.comparison import Loss, Pair
from trinax.evaluation.evaluate import WORDS, evaluate, word_run
from trinax.evaluation.runner import DEPTH, Parts
from trinax.settings import Embedding, Settings

# Its losses are shown: what people get unless they ask for something else.
SHOWN_MODE = "hybrid"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured. over: the data set whose corpus is searched in place of each one's own.
    against: a configuration to compare with. words: compare with word_run() in place of BM25.
    split, limit: see evaluate()."""

    folders: Sequence[Path]
    over: Path | None = None
    against: Path | None = None
    words: bool = False
    losses: bool = False
    split: int = 1
    limit: int = DEPTH


def evaluated(settings: Settings, asked: Asked) -> Measured:
    """Raises InvalidRequest for a folder that is no data set."""
    if asked.against:
        other = load(asked.against)
        return _measured(list(_against(settings, other, asked)), asked.against.name, asked)
    return _measured(list(_alone(settings, asked)), "words" if asked.words else "BM25", asked)


def _alone(settings: Settings, asked: Asked) -> Iterator[Pair]:
    parts = _parts(settings)
    for dataset in _loaded(asked):
        runs = evaluate(dataset, parts, split=asked.split, limit=asked.limit)
        if asked.words:
            yield from comparison.pairs([word_run(dataset), *runs], WORDS)
        else:
            yield from comparison.pairs(runs)


def _against(settings: Settings, other: Settings, asked: Asked) -> Iterator[Pair]:
    here, there = _parts(settings), _parts(other)
    for dataset in _loaded(asked):
        runs = [
            evaluate(dataset, parts, split=asked.split, limit=asked.limit)
            for parts in (here, there)
        ]
        yield from zip(*runs, strict=True)


def _loaded(asked: Asked) -> Iterator[datasets.Dataset]:
    corpus = datasets.load(asked.over) if asked.over else None
    for folder in asked.folders:
        dataset = datasets.load(folder)
        yield datasets.over(dataset, corpus) if corpus else dataset


def _parts(settings: Settings) -> Parts:
    if settings.embedding.model != Embedding().model:
        terminal.note(f"{Embedding().model} is measured, not {settings.embedding.model}.")
    parts = builtin.parts(settings.retrieval)
    return replace(parts, limits=Limits(**asdict(settings.chunking)))


def _measured(pairs: Sequence[Pair], reference: str, asked: Asked) -> Measured:
    rows = comparison.rows(pairs, reference)
    figures = {
        "datasets": [
            asdict(scores) | {"against": asdict(against) if against else None}
            for scores, against in rows
        ]
    }
    tables = [report.scores_table(rows, reference)]
    if not asked.against and len(asked.folders) > 1:
        means = comparison.means("all", [scores for scores, _ in rows], pairs[0][0].way)
        figures["means"] = [asdict(row) for row in means]
        tables.append(report.means_table(means, reference))
    if asked.losses:
        losses = _losses(pairs)
        figures["losses"] = [asdict(row) for row in losses]
        tables.append(report.losses_table(losses, reference))
    return Measured(figures, "\n\n".join(tables))


def _losses(pairs: Sequence[Pair]) -> list[Loss]:
    return [
        loss
        for run, other in pairs
        if other and run.way == SHOWN_MODE
        for loss in comparison.losses(run, other)
    ]
