"""Jupyter notebooks: what is written, the code, and what it printed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from trinax.documents.readers.extracted import Extracted, fenced
from trinax.errors import UnreadableDocument

# Of what one cell printed; the rest is seldom read.
OUTPUT_CHARACTERS = 4000
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CUT = "…"


def extracted(data: bytes) -> Extracted:
    """Cells in order: Markdown as it is, code and text it printed in fences; images are dropped.

    Raises UnreadableDocument.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise UnreadableDocument("a notebook that is broken") from exc
    notebook = found if isinstance(found, dict) else {}
    metadata = _record(notebook.get("metadata"))
    spoken = _record(metadata.get("kernelspec")).get("language") or _record(
        metadata.get("language_info")
    ).get("name")
    language = spoken if isinstance(spoken, str) else ""
    title = metadata.get("title")
    pieces = [piece for cell in _cells(notebook) for piece in _shown(cell, language)]
    # JSON can write halves of characters, which no encoding has.
    text = "\n\n".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Extracted(text, title if isinstance(title, str) and title.isprintable() else "")


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Before version 4, cells lay in worksheets.
    for sheet in (notebook, *map(_record, _list(notebook.get("worksheets")))):
        yield from map(_record, _list(sheet.get("cells")))


def _shown(cell: dict[str, Any], language: str) -> Iterator[str]:
    words = _text(cell.get("source", cell.get("input")))
    if cell.get("cell_type") != "code":
        if words.strip():
            yield words.strip("\r\n")
        return
    if words.strip():
        yield fenced(words, language)
    for output in map(_record, _list(cell.get("outputs"))):
        if printed := _printed(output).strip():
            is_long = len(printed) > OUTPUT_CHARACTERS
            yield fenced(printed[:OUTPUT_CHARACTERS] + CUT if is_long else printed)


def _printed(output: dict[str, Any]) -> str:
    if "ename" in output:
        return f"{_text(output['ename'])}: {_text(output.get('evalue'))}"
    data = _record(output.get("data"))
    found = output.get("text") or data.get("text/markdown") or data.get("text/plain")
    # A picture's words only say that it is one.
    is_picture = any(kind.startswith("image/") for kind in data)
    return "" if is_picture else ESCAPES.sub("", _text(found))


def _text(value: object) -> str:
    """Notebooks keep a text as one string or as its lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _record(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
