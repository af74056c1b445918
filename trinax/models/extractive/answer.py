"""The paragraphs of an extractive answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.embedding.ports import Embedder
from trinax.index.records import Passage
from trinax.models.extractive import missing
from trinax.models.extractive.asking import Asked, asked
from trinax.models.extractive.choosing import Quote, quotes
from trinax.models.extractive.features import Material, words
from trinax.models.extractive.phrases import Phrases
from trinax.models.extractive.quoting import harmless, quote
from trinax.models.extractive.support import supported
from trinax.models.ports import Generation

ASPECT_QUOTES = 2
# Share of an aspect's words that its best quote has with title and headings; with less the aspect
# counts as unanswered.
ASPECT_SHARE = 0.5
ASPECT_CHARACTERS = 200  # shown of one


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an answer is written from, and the words it is written in."""

    passages: Sequence[Passage]
    given: Material
    said: Phrases
    embedder: Embedder | None


def paragraphs(sheet: Sheet, generation: Generation) -> list[str]:
    """Markdown, to be joined by blank lines."""
    if generation.aspects:
        found = _by_aspect(sheet, generation.aspects)
    else:
        found = _whole(sheet, asked(generation.question))
    return [sheet.said.opening, *found] if found else [sheet.said.nothing]


def _whole(sheet: Sheet, question: Asked) -> list[str]:
    chosen = quotes(question, supported(question, sheet.given, sheet.embedder))
    if not chosen:
        return []
    quoted = frozenset(one.n for one in chosen)
    found = words(question.text, sheet.given)
    lost = missing.missing(question, found, sheet.given, quoted, sheet.embedder)
    closing = [_listed(sheet.said.missing, lost, sheet.said.comma)] if lost else []
    return [*_shown(sheet, question, chosen), *closing]


def _by_aspect(sheet: Sheet, aspects: Sequence[str]) -> list[str]:
    """The quotes of each aspect below a line that names it, then the aspects without one."""
    found: list[str] = []
    lost: list[str] = []
    said: set[tuple[int, int]] = set()
    for aspect in dict.fromkeys(aspects):
        question = asked(aspect)
        ranked = supported(question, sheet.given, sheet.embedder)
        name = _named(aspect)
        if not ranked or ranked[0].share < ASPECT_SHARE:
            lost.append(name)
            continue
        # What stands above already is repeated only where there is nothing else.
        fresh = [one for one in ranked if (one.excerpt.n, one.excerpt.order) not in said]
        fresh = fresh if fresh and fresh[0].share >= ASPECT_SHARE else ranked
        chosen = quotes(question, fresh, ASPECT_QUOTES)
        said |= {(one.excerpt.n, one.excerpt.order) for each in chosen for one in each.group}
        found += [f"{name}:", *_shown(sheet, question, chosen)]
    if found and lost:
        found.append(_listed(sheet.said.unanswered, lost, "; "))
    return found


def _shown(sheet: Sheet, question: Asked, chosen: Sequence[Quote]) -> list[str]:
    return [quote(one, sheet.passages[one.n - 1], question.place) for one in chosen]


def _listed(introduction: str, things: Sequence[str], comma: str) -> str:
    blank = "" if introduction.endswith("：") else " "
    return f"{introduction}{blank}{harmless(comma.join(things))}"


def _named(aspect: str) -> str:
    text = " ".join(aspect.split())
    if len(text) > ASPECT_CHARACTERS:
        text = text[:ASPECT_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return harmless(text.rstrip(":：?？. "))
