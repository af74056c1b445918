"""Sources and judges made by hand."""

from collections.abc import Sequence

from tests.answering.passages import passage
from trinax.answering.grounding.binding import Binder
from trinax.answering.grounding.carrying import Carriers
from trinax.answering.grounding.filtering import CitationFilter
from trinax.answering.records import Source
from trinax.embedding.static import StaticEmbedder

KEEPER = "The keeper of the lighthouse is called Marta Lindqvist. She repairs the foghorn."
LAMP = "The lamp burns 40 litres of paraffin each night. It is lit at dusk."
BOAT = "The supply boat comes on Tuesdays, unless the sea is too rough."
TEXTS = (KEEPER, LAMP, BOAT)


def numbered(texts: Sequence[str] = TEXTS, language: str = "en") -> list[Source]:
    return [Source(n, passage(text, language=language), 0.5) for n, text in enumerate(texts, 1)]


def carriers(texts: Sequence[str] = TEXTS, embedder: StaticEmbedder | None = None) -> Carriers:
    return Carriers(numbered(texts), embedder)


def bound(text: str, texts: Sequence[str] = TEXTS, size: int = 0) -> str:
    """The text as it is shown, arriving in pieces of a size, 0 for whole."""
    passing = CitationFilter(Binder(carriers(texts)))
    size = size or len(text) or 1
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return "".join(map(passing.feed, pieces)) + passing.flush()
