"""`trinax eval` and `trinax bench`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trinax.cli import terminal
from trinax.evaluation import bench as benchmark
from trinax.evaluation import builtin
from trinax.evaluation.evaluate import evaluate as evaluated
from trinax.settings import Embedding, Settings


def evaluate(settings: Settings, folders: Sequence[Path]) -> list[dict[str, Any]]:
    """A row for each data set and mode."""
    if settings.embedding.model != Embedding().model:
        terminal.note(f"{Embedding().model} is measured, not {settings.embedding.model}.")
    parts = builtin.parts(settings.retrieval)
    return [asdict(row) for folder in folders for row in evaluated(folder, parts)]


def bench() -> tuple[dict[str, Any], str]:
    """The figures of this machine, as data and as text."""
    figures = benchmark.measured()
    return figures, benchmark.shown(figures)
