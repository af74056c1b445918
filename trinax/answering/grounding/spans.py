"""The part of a source that carries a sentence, as bytes and lines of its file."""

import re
from collections.abc import Sequence

from trinax.answering.grounding.carrying import Carriers
from trinax.answering.grounding.passages import Prepared, Unit
from trinax.answering.records import Span
from trinax.documents.positions import byte_offsets, line_starts, number

# A span grows by a neighbouring sentence that adds so much of the words, up to so many.
GAIN = 0.1
LONGEST_UNITS = 8
# Fewer letters and digits may stand anywhere by chance.
QUOTED_CHARACTERS = 12
QUOTED = re.compile(r"[“«「„]([^”»」“]{1,4000})[”»」“]")
FENCED = re.compile(r"^`{3,}[^\n]*\n(.*?)\n?`{3,}", re.DOTALL)
# What stands around a sentence without a blank and belongs to it.
OPENING = re.compile(r"(?<!\S)[^\w\s]{1,12}$")
CLOSING = re.compile(r"[^\w\s]{1,12}(?=\s|$)")
REACH = 13


def spans(sentence: str, numbers: Sequence[int], carriers: Carriers) -> tuple[Span, ...]:
    """Of each cited source what carries the sentence best; none of one with nothing of it."""
    found = (_span(sentence, carriers.prepared(n), carriers) for n in numbers)
    return tuple(span for span in found if span is not None)


def _span(sentence: str, passage: Prepared, carriers: Carriers) -> Span | None:
    place = _quoted(sentence, passage.text) or _nearest(sentence, passage, carriers)
    return None if place is None else located(passage, place)


def located(passage: Prepared, place: Unit) -> Span:
    """A part of a passage's text as bytes and lines of its file."""
    chunk = passage.source.passage.chunk
    offsets = byte_offsets(chunk.text, chunk.encoding, (place.start, place.end))
    starts = line_starts(chunk.text)
    return Span(
        n=passage.source.n,
        start_byte=chunk.start_byte + offsets[place.start],
        end_byte=chunk.start_byte + offsets[place.end],
        start_line=chunk.start_line + number(starts, place.start) - 1,
        end_line=chunk.start_line + number(starts, place.end - 1) - 1,
        quote=chunk.text[place.start : place.end],
    )


def _quoted(sentence: str, text: str) -> Unit | None:
    """Where a sentence that quotes a passage, or repeats it, has it from; white space and marks
    may differ."""
    code = FENCED.match(sentence)
    quote = QUOTED.search(sentence)
    said = code[1] if code else quote[1] if quote else sentence
    wanted = "".join(filter(str.isalnum, said))
    if len(wanted) < QUOTED_CHARACTERS:
        return None
    places = [at for at, character in enumerate(text) if character.isalnum()]
    found = "".join(text[at] for at in places).find(wanted)
    if found < 0:
        return None
    start, end = places[found], places[found + len(wanted) - 1] + 1
    # From a character further back, which tells whether a blank stands before.
    opening = OPENING.search(text[max(0, start - REACH) : start])
    closing = CLOSING.match(text, end)
    return Unit(start - len(opening[0]) if opening else start, closing.end() if closing else end)


def _nearest(sentence: str, passage: Prepared, carriers: Carriers) -> Unit | None:
    """The sentence of the passage that has most of the words, or is nearest in meaning, with the
    neighbours that add to it."""
    words, units = carriers.words(sentence), passage.units
    if not units or not words:
        return None
    held = [_held(words, terms) for terms in passage.terms]
    cosines = carriers.cosines(sentence, passage)
    best = max(range(len(units)), key=lambda i: (len(held[i]) / len(words) + cosines[i], -i))
    if not held[best] and cosines[best] <= 0:
        return None
    first = last = best
    covered = held[best]
    while last - first + 1 < LONGEST_UNITS:
        gains = {
            at: len(held[at] - covered) / len(words)
            for at in (first - 1, last + 1)
            if 0 <= at < len(units)
        }
        at = max(gains, key=lambda at: gains[at], default=best)
        if gains.get(at, 0.0) < GAIN:
            break
        first, last, covered = min(first, at), max(last, at), covered | held[at]
    return Unit(units[first].start, units[last].end)


def _held(words: Sequence[frozenset[int]], terms: frozenset[int]) -> frozenset[int]:
    """Which of the words stand in a sentence of the passage, by place."""
    return frozenset(i for i, word in enumerate(words) if not word.isdisjoint(terms))
