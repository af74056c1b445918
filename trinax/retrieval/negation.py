"""Whether a text denies something, by the words that do so in its language."""

import re

# Only languages whose words for it are plain; "no" is "in the" in Portuguese.
NEGATIONS = {
    "en": r"\b(?:not|never|no|none|nor|neither|nobody|nothing|without|cannot|except"
    r"|\w{2,6}n['’]t)\b",
    "es": r"\b(?:no|nunca|jamás|ningun[oa]?|ningún|nadie|nada|sin|tampoco|excepto)\b",
    "fr": r"\b(?:pas|jamais|aucune?|personne|rien|sans|sauf)\b",
    "de": r"\b(?:nicht|nie|niemals|niemand|nichts|kein\w{0,2}|ohne|außer)\b",
    "pt": r"\b(?:não|nunca|jamais|nenhuma?|ninguém|nada|sem|exceto)\b",
    "it": r"\b(?:non|mai|nessun[oa]?|niente|nulla|senza|tranne)\b",
    "zh": r"[不没沒未]|除了",
}
PATTERNS = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in NEGATIONS.items()}


def negates(text: str, language: str) -> bool | None:
    """None for a language whose words for it are not known."""
    pattern = PATTERNS.get(language)
    return None if pattern is None else pattern.search(text) is not None
