"""Scores of answers as tables."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trinax.evaluation.answers.scoring import Scores
from trinax.evaluation.report import table

WRITING = {
    "in_sources": "gold in sources",
    "citation_precision": "citation precision",
    "citation_recall": "citation recall",
    "in_answer": "answer in text",
    "in_first_quote": "in first quote",
    "wrong": "wrong",
    "uncarried": "uncarried",
}
JUDGING = {
    "missed": "missed",
    "auroc_foreign": "AUROC foreign",
    "foreign": "foreign answered",
    "auroc_unanswerable": "AUROC unanswerable",
    "unanswerable": "unanswerable answered",
}
CHECKED = ("data set", "model", "answers", "citations", "spans", "faults", "p50 ms", "p99 ms")


def shown(rows: Sequence[Scores]) -> str:
    """Three tables: what is written, what the verdict says, what was checked."""
    return "\n\n".join(
        [
            _figures(rows, "writing", WRITING),
            _figures(rows, "judging", JUDGING),
            table(
                [
                    "data set",
                    "model",
                    "answers",
                    "citations",
                    "spans",
                    "faults",
                    "p50 ms",
                    "p99 ms",
                ],
                [[*_named(row), *_checked(row)] for row in rows],
            ),
            *(f"{row.dataset}, {row.model}: {fault}" for row in rows for fault in row.first_faults),
        ]
    )


def plain(row: Scores) -> dict[str, Any]:
    """As JSON, where what cannot be counted is null."""
    shown = asdict(row)
    for part in ("writing", "judging"):
        for name, value in shown[part].items():
            shown[part][name] = None if value != value else round(value, 4)
    return shown


def _figures(rows: Sequence[Scores], part: str, columns: dict[str, str]) -> str:
    lines = [
        [*_named(row), *(_figure(asdict(row)[part][name]) for name in columns)] for row in rows
    ]
    return table(["data set", "model", *columns.values()], lines)


def _named(row: Scores) -> list[str]:
    return [row.dataset, row.model]


def _checked(row: Scores) -> list[str]:
    broken = ", ".join(f"{count} {kind}" for kind, count in row.faults.items()) or "0"
    counts = map(str, (row.questions, row.citations, row.spans))
    return [*counts, broken, f"{row.p50_ms:.1f}", f"{row.p99_ms:.1f}"]


def _figure(value: float) -> str:
    return "" if value != value else f"{value:.3f}"
