"""Word stems by the Snowball stemmers."""

from functools import cache

import Stemmer

# By ISO 639-1; the languages that stop words tell apart.
ALGORITHMS = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
}
# No chunk holds a longer word; on 320 000 letters the Spanish stemmer spends more than a second.
WORD_CHARACTERS = 10_000


def stem(word: str, language: str) -> str:
    """word: casefolded, with its accents. As it is where the language has no stemmer here, and
    where it is longer than any that a chunk holds."""
    if language not in ALGORITHMS or len(word) > WORD_CHARACTERS:
        return word
    stemmed: str = _stemmer(language).stemWord(word)
    return stemmed


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    # One for all threads: stemWord holds the GIL throughout. Analysis has the cache.
    return Stemmer.Stemmer(ALGORITHMS[language], 0)
