"""Figures as text."""

from collections.abc import Sequence

from trinax.evaluation.runner import Scores

# What follows this line in the page is measured by another command and stays.
ANSWERS = "# Answers, measured\n"
COLUMNS = ("nDCG@10", "R@10", "R@100", "MRR@10")
PAGE = """# Retrieval, measured

Written by `python -m trinax.evaluation DIR… --markdown docs/evaluation.md`, with the built-in
embedder `{fingerprint}`. A row is a dataset (corpus.jsonl, queries.jsonl,
qrels.tsv) in one mode of search; figures are means over the questions with a relevant document,
and a document stands where its best passage stands. Names ending in `-train` or `-dev` are splits
that trinax is tuned on: read them as a check on changes, not as a promise.

{table}
"""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that also reads well as plain text; first column left, others right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [_line(row, widths) for row in (head, *rows)]
    rule = "|".join("-" * (width + 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths))
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def scores_table(scores: Sequence[Scores]) -> str:
    """A row for each dataset and mode."""
    rows = [
        [
            one.dataset,
            one.mode,
            str(one.queries),
            *(f"{value:.3f}" for value in (one.ndcg_10, one.recall_10, one.recall_100, one.mrr_10)),
        ]
        for one in scores
    ]
    return table(["dataset", "mode", "queries", *COLUMNS], rows)


def page(scores: Sequence[Scores], fingerprint: str, before: str = "") -> str:
    """The table as a Markdown page. fingerprint: the embedder's. before: the page as it was,
    whose part on answers is kept."""
    _, answers, rest = before.partition(ANSWERS)
    written = PAGE.format(table=scores_table(scores), fingerprint=fingerprint)
    return f"{written}\n{answers}{rest}" if answers else written


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "| " + " | ".join(cells) + " |"
