"""Where running text may be cut: paragraphs, list items, sentences, lines."""

import re
from collections.abc import Iterator

from trinax.documents.positions import line_starts

PARAGRAPH = 0.0
ITEM = 0.15
SENTENCE = 0.6
LINE = 0.9
DOUBTFUL = 1.0  # what may be a sentence's end: a small letter follows, or an abbreviation ends it

# A line that long was not broken to fit a page: it is a paragraph.
UNWRAPPED_CHARACTERS = 200

BULLET = re.compile(r"\s*(?:[-*+•‣◦]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")

# A sentence ends with its closing quotes and its line; otherwise the blank after it stays with
# the next sentence, as it does in tokens.PATTERN. A pattern that begins with a set of characters
# is looked for in a quarter of the time.
SENTENCE_END = re.compile(
    r"""[.!?…。！？｡](?:"""
    r"""(?<=[.!?…])(?<![.!?…]{2})[.!?…]*["'”’»)\]*_]*(?:[ \t]*(?:\r\n|\n|\r)|(?=[ \t]+\S))"""
    r"""|(?<=[。！？｡])[。！？｡]*["'”’»」』）]*)"""
)
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|vs|cf|al|etc|eg|ie|approx|dept|est|fig|Fig|inc|Inc"
    r"|Ltd|No|no|pp|vol|Vol|Nr|bzw|ca|usw|Sra|Srta|Ud|Uds))\.$"
)
ABBREVIATION_CHARACTERS = 8


def borders(text: str) -> dict[int, float]:
    """Offset and price of every cut that the shape of the text suggests."""
    found = dict(_sentences(text))
    after_blank = True
    length = 0
    starts = line_starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text[start:end]
        if not line or line.isspace():
            after_blank = True
            found.pop(start, None)  # blank lines belong to what they follow
        elif after_blank:
            found[start] = PARAGRAPH
            after_blank = False
        elif max(length, len(line)) > UNWRAPPED_CHARACTERS or BULLET.match(line):
            found[start] = ITEM
        else:
            found.setdefault(start, LINE)
        length = len(line)
    return found


def sentence_starts(text: str) -> Iterator[int]:
    """Offsets at which a sentence follows another."""
    return (start for start, price in _sentences(text) if price == SENTENCE)


def _sentences(text: str) -> Iterator[tuple[int, float]]:
    for match in SENTENCE_END.finditer(text):
        start, end = match.span()
        following = text[end : end + 2].lstrip()[:1]
        is_sure = not following.islower() and not (
            text[start] == "."
            and ABBREVIATION.search(text, max(0, start - ABBREVIATION_CHARACTERS), start + 1)
        )
        yield end, SENTENCE if is_sure else DOUBTFUL
