"""Passages as a person at a terminal sees them: found, or behind the numbers of an answer."""

from collections.abc import Sequence

from trinax.cli.links import Link
from trinax.cli.terminal import Row, say, show_table

EXCERPT_LINES = 8
# Of a search that is explained: the columns of its table, and rows of what fell out, at most.
STAGES = ("bm25", "dense", "fused", "reranked")
DROPPED = 20


def place(source: Row) -> str:
    """file:first-last, with the page where there is one."""
    lines = f"{source['start_line']}-{source['end_line']}"
    page = f" (page {source['page']})" if source.get("page") else ""
    return f"{source['collection_id']}/{source['file']}:{lines}{page}"


def show_sources(sources: Sequence[Row], link: Link) -> None:
    for source in sources:
        say(f"[{source['n']}] ", "cyan", end="")
        say(place(source), "cyan", link=link(source))


def show_hits(found: Row, link: Link) -> None:
    for number, hit in enumerate(found["hits"], 1):
        say(f"{number:2}  ", "bold", end="")
        say(place(hit), "bold", end="", link=link(hit))
        say(f"  {hit['score']:.2f}", "cyan")
        lines = hit["text"].strip("\n").splitlines()
        for line in lines[:EXCERPT_LINES]:
            say(f"    {line}")
        if len(lines) > EXCERPT_LINES:
            say(f"    … {len(lines) - EXCERPT_LINES} more lines", "dim")
        say()
    if not found["hits"]:
        say("Nothing matches.")
    if "dropped" in found:
        _show_explanations(found)


def _show_explanations(found: Row) -> None:
    """found: an answer of POST /v1/search that explains."""
    shown, dropped = found["hits"], found["dropped"]
    stages, words = [], []
    for number, hit in enumerate((*shown, *dropped[:DROPPED]), 1):
        label, explain = str(number) if number <= len(shown) else "–", hit["explain"]
        stood = (_stood(explain.get(stage)) for stage in STAGES)
        stages.append((label, place(hit), *stood, explain.get("dropped", "")))
        if number <= len(shown):
            parts = (_shares(explain.get(part, {})) for part in ("matched", "features"))
            words.append((label, *parts, "; ".join(explain.get("copies", ()))))
    if stages:
        show_table(("", "passage", *STAGES, "left out"), stages)
        say()
    if words:
        show_table(("", "words, by what they add to bm25", "added when reranked", "copies"), words)
        say()
    if len(dropped) > DROPPED:
        say(f"{len(dropped) - DROPPED} more were left out; --json lists them.", "dim")
    for hit in shown[:1]:
        say(f"weights in fused: {_shares(hit['explain']['weights'])}", "dim")
    say(f"confidence that the collections know: {found['confidence']:.2f}", "dim")


def _stood(stage: Row | None) -> str:
    """Rank and score in a stage."""
    if stage is None or stage["score"] is None:
        return "–"
    return f"{stage['rank'] or '–'} {stage['score']:.2f}"


def _shares(shares: Row) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if share)
