"""Which language a text is written in, by its script and its commonest words."""

import re
from collections import Counter

from trinax.index.stopwords import STOPWORDS

# A text is judged by its beginning.
SAMPLE_CHARACTERS = 2000

# The winner's stop words, at least this share of all words and this many times the runner-up's.
LEAST_SHARE = 0.08
LEAST_LEAD = 1.25

_WORD = re.compile(r"[^\W\d_]+")
_BLANKS = {code: " " for code in range(128) if not chr(code).isalpha()}
# Languages of a script of their own, the first that has most letters counts. Kana before Han:
# Japanese has both.
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "zh": re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]"),
    "ko": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
}
# Kana are few between the Han characters of a Japanese text, and Han few in none.
LEAST_SCRIPT_SHARE = {"ja": 0.05}
LEAST_OTHER_SCRIPT_SHARE = 0.25

# French elisions are also the commonest names of variables.
_ELISIONS = frozenset("cdjlmnst")
_VOTES: dict[str, tuple[str, ...]] = {
    word: tuple(one for one in STOPWORDS if word in STOPWORDS[one])
    for word in frozenset[str]().union(*STOPWORDS.values()) - _ELISIONS
}


def language(text: str) -> str:
    """ISO 639-1 of the text, "" if it cannot be told; sure of a paragraph, not of a few words."""
    sample = text[:SAMPLE_CHARACTERS]
    if not sample.isascii() and (found := _by_script(sample)):
        return found
    return _by_words(_words(sample.casefold()))


def _words(sample: str) -> list[str]:
    # The same, in a quarter of the time.
    return sample.translate(_BLANKS).split() if sample.isascii() else _WORD.findall(sample)


def _by_script(sample: str) -> str:
    letters = sum(map(str.isalpha, sample))
    for found, script in _SCRIPTS.items():
        least = LEAST_SCRIPT_SHARE.get(found, LEAST_OTHER_SCRIPT_SHARE)
        if len(script.findall(sample)) > least * letters:
            return found
    return ""


def _by_words(words: list[str]) -> str:
    votes: Counter[str] = Counter()
    for word, count in Counter(words).items():
        for one in _VOTES.get(word, ()):
            votes[one] += count
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < LEAST_SHARE * len(words):
        return ""
    if len(ranked) == 2 and ranked[0][1] < LEAST_LEAD * ranked[1][1]:
        return ""
    return ranked[0][0]
