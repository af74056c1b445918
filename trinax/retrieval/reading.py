"""What is read of a passage, remembered for the questions that come upon it next."""

from functools import lru_cache
from typing import NamedTuple

from trinax.index import analysis
from trinax.index.analysis import Reading
from trinax.index.records import Passage

# Some 2 kB each with the text; questions about one thing come upon the same texts.
REMEMBERED_TEXTS = 8192
# Chunks of one file share them.
REMEMBERED_CONTEXTS = 4096


class Read(NamedTuple):
    """The terms of a passage's text and of its title, headings and symbol names."""

    text: Reading
    context: Reading


def of(passage: Passage) -> Read:
    chunk, language = passage.chunk, passage.language
    return Read(_text(chunk.text, language), context(chunk.context, language))


@lru_cache(REMEMBERED_TEXTS)
def _text(text: str, language: str) -> Reading:
    return analysis.reading(text, language)


@lru_cache(REMEMBERED_CONTEXTS)
def context(text: str, language: str) -> Reading:
    """Of headings, or of a file's name."""
    return analysis.reading(text, language)
