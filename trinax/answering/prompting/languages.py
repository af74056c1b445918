"""The language that an answer is asked for."""

import re

from trinax.answering.prompting.wording import ANSWER_IN
from trinax.index.languages import language

# Those that a short question can be known by. Arabic and Devanagari letters alone do not tell:
# Persian, Urdu, Marathi and Nepali are written with them too.
NAMES = {
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "zh": "Chinese",
}
# Letters of Ukrainian, Belarusian, Serbian and Macedonian, which share words with Russian.
NOT_RUSSIAN = re.compile("[іїєґўђјљњћџѓѕќ]", re.IGNORECASE)


def answer_in(question: str) -> str:
    """A line that names the question's language, "" where it is not certain."""
    found = language(question)
    if found not in NAMES or (found == "ru" and NOT_RUSSIAN.search(question)):
        return ""
    return ANSWER_IN.format(NAMES[found])
