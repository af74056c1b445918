"""Figures as text."""

from collections.abc import Sequence

from trinax.evaluation.comparison import Comparison, Loss, Mean
from trinax.evaluation.outcomes import Scores

COLUMNS = ("nDCG@10", "R@10", "R@100", "MRR@10")
# The least p that ROUNDS signs can show is 0.0001.
SMALLEST_P = 0.0005
# Of a question in a table.
TEXT_CHARACTERS = 70

Row = tuple[Scores, Comparison | None]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that also reads well as plain text; first column left, others right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [_line(row, widths) for row in (head, *rows)]
    rule = "|".join("-" * (width + 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths))
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def scores_table(rows: Sequence[Row], reference: str = "BM25") -> str:
    """A row for each dataset and mode. reference: what they are compared with."""
    head = ["dataset", "mode", "queries", *COLUMNS, f"vs {reference}", "p", "better", "worse"]
    return table([*head, "equal", "p50 ms", "p95 ms"], [_scored(*row) for row in rows])


def means_table(rows: Sequence[Mean], reference: str = "BM25") -> str:
    """Means over datasets, and on how many of these a mode is better than the reference."""
    head = ["mean of", "mode", "datasets", *COLUMNS, f"vs {reference}", "better", "worse"]
    return table(head, [_averaged(row) for row in rows])


def losses_table(rows: Sequence[Loss], reference: str = "BM25") -> str:
    """What each question scored here and there, and at which rank its first document stood."""
    head = ["question", "dataset", "mode", "nDCG@10", reference, "rank", f"{reference} rank"]
    return table([*head, "found instead"], [_lost(row) for row in rows])


def _scored(scores: Scores, against: Comparison | None) -> list[str]:
    return [
        scores.dataset,
        scores.mode,
        str(scores.queries),
        *_means(scores),
        *(_compared(against) if against else [""] * 5),
        f"{scores.p50_ms:.2f}",
        f"{scores.p95_ms:.2f}",
    ]


def _compared(against: Comparison) -> list[str]:
    p = "<.0005" if against.p < SMALLEST_P else f"{against.p:.3f}".removeprefix("0")
    counts = (against.better, against.worse, against.equal)
    return [_change(against.gain), p, *map(str, counts)]


def _averaged(row: Mean) -> list[str]:
    against = [_change(row.gain), str(row.better), str(row.worse)]
    compared = [""] * 3 if row.gain is None else against
    return [row.name, row.mode, str(row.datasets), *_means(row), *compared]


def _lost(row: Loss) -> list[str]:
    text = " ".join(row.here.text.split()).replace("|", "/")
    return [
        text if len(text) <= TEXT_CHARACTERS else text[: TEXT_CHARACTERS - 1] + "…",
        row.dataset,
        row.mode,
        f"{row.here.ndcg_10:.3f}",
        f"{row.there.ndcg_10:.3f}",
        str(row.here.first or "–"),
        str(row.there.first or "–"),
        row.here.best.replace("|", "/"),
    ]


def _means(row: Scores | Mean) -> list[str]:
    return [f"{one:.3f}" for one in (row.ndcg_10, row.recall_10, row.recall_100, row.mrr_10)]


def _change(gain: float | None) -> str:
    return "" if gain is None else f"{100 * gain:+.1f} %"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "| " + " | ".join(cells) + " |"
