"""Excerpts as they are shown: quoted, cited, and unable to pose as anything else."""

import re
from collections.abc import Sequence
from itertools import groupby

from trinax.models.extractive.excerpts import Shape, definition
from trinax.models.extractive.support import Supported

# Whatever could be read as a citation: [3], [^3], [1, 2], 【1†x】, [source 2].
CITATION = re.compile(r"[\[【](\s*\^?(?:\w+\s+)?\d[^\[\]【】]*)[\]】]")
IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
BULLET = re.compile(r"^\s*(?:[-*+•‣◦]|\(?\d{1,3}[.)])\s+")


def quote(group: Sequence[Supported], kind: str) -> str:
    """Markdown of excerpts that follow each other in one passage, each part with its citation.

    kind: of the passage; names the language of code.
    """
    citation = f"[{group[0].excerpt.n}]"
    parts = [
        _part(shape, list(run), citation, kind)
        for shape, run in groupby(group, lambda one: one.excerpt.shape)
    ]
    return "\n\n".join(parts)


def _part(shape: Shape, run: Sequence[Supported], citation: str, kind: str) -> str:
    texts = [one.excerpt.text for one in run]
    if shape == "code":
        shown = [definition(one.excerpt.text, one.best_line, kind) for one in run]
        return "\n\n".join(f"{code}\n{citation}" for code in shown)
    if shape == "fence":
        return "\n\n".join(f"{fence}\n{citation}" for fence in texts)
    if shape == "table":
        # A line right below a table would be one more row.
        return "\n\n".join(f"{harmless(table)}\n\n{citation}" for table in texts)
    if shape == "item" and len(texts) > 1:
        return "\n".join(f"- {harmless(BULLET.sub('', text))} {citation}" for text in texts)
    return f"“{harmless(BULLET.sub('', ' '.join(texts)))}” {citation}"


def harmless(text: str) -> str:
    """Prose in which [3] is no citation, an image loads nothing, and backticks come in pairs:
    after a single one our own citation would stand in code."""
    text = CITATION.sub(r"［\1］", IMAGE.sub(r"\1", text))
    return text if text.count("`") % 2 == 0 else text.replace("`", "'")
