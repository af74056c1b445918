"""Where running text may be cut: paragraphs, list items, sentences, lines."""

import re
from collections.abc import Iterator

from trinax.documents.positions import line_starts

PARAGRAPH = 0.0
ITEM = 0.15
SENTENCE = 0.6
LINE = 0.9

BULLET = re.compile(r"\s*(?:[-*+•‣◦]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")

# A sentence ends with its closing quotes and its line; otherwise the blank after it stays with
# the next sentence, as it does in tokens.PATTERN.
SENTENCE_END = re.compile(
    r"""(?<![.!?…])[.!?…]+["'”’»)\]*_]*(?:[ \t]*(?:\r\n|\n|\r)|(?=[ \t]+\S))"""
    r"""|[。！？｡]+["'”’»」』）]*"""
)
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|vs|cf|al|etc|eg|ie|approx|dept|est|fig|Fig|inc|Inc"
    r"|Ltd|No|no|pp|vol|Vol|Nr|bzw|ca|usw|Sra|Srta|Ud|Uds))\.$"
)
ABBREVIATION_CHARACTERS = 8


def borders(text: str) -> dict[int, float]:
    """Offset and price of every cut that the shape of the text suggests."""
    found = dict.fromkeys(sentence_starts(text), SENTENCE)
    after_blank = True
    starts = line_starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text[start:end]
        if not line or line.isspace():
            after_blank = True
            found.pop(start, None)  # blank lines belong to what they follow
        elif after_blank:
            found[start] = PARAGRAPH
            after_blank = False
        elif BULLET.match(line):
            found[start] = ITEM
        else:
            found.setdefault(start, LINE)
    return found


def sentence_starts(text: str) -> Iterator[int]:
    """Offsets at which a sentence follows another."""
    for match in SENTENCE_END.finditer(text):
        end = match.end()
        following = text[end : end + 2].lstrip()[:1]
        if following.islower():
            continue
        word = text[max(0, match.start() - ABBREVIATION_CHARACTERS) : match.start() + 1]
        if not ABBREVIATION.search(word):
            yield end
