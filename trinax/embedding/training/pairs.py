"""Training pairs: a short text and the passage it belongs to."""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """kind: how the two belong together ("doc", "qa", "xling", "code", …); language: ISO 639-1."""

    query: str
    passage: str
    kind: str
    language: str
    source: str


def pairs(file: Path) -> Iterator[Pair]:
    """The pairs of a JSON-lines file, plain or .xz, in its order.

    Lines hold q, p, kind, lang and src.
    """
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            yield Pair(item["q"], item["p"], item["kind"], item["lang"], item["src"])
