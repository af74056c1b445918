"""What a turn picks out of things that were listed before it, and what it sets aside."""

import re
from collections.abc import Sequence

ARTICLES = "the|die|der|das|den|dem|beim|el|la|le|al|del"
# Place among the things listed → words for it.
ORDINALS = {
    0: "first|former|erste[nrs]?|primer[oa]?|premier|première",
    1: "second|zweite[nrs]?|segund[oa]|deuxième",
    2: "third|dritte[nrs]?|tercer[oa]?|troisième",
    -1: "last|latter|letzte[nrs]?|últim[oa]|dernier|dernière",
}
PICKED = {
    place: re.compile(rf"\b(?:{ARTICLES}) (?:{words})\b", re.IGNORECASE)
    for place, words in ORDINALS.items()
}
SENTENCE = re.compile(r"[^.?!…]+")
# What stands between things listed.
SEPARATOR = re.compile(
    r"\s*,\s*(?:(?:and|or|und|oder|y|o|et|ou)\s+)?|\s+(?:and|or|und|oder|y|o|et|ou|vs|versus)\s+"
)
WORD = re.compile(r"\S+")
# Longer is no name of a thing but a clause.
LISTED_WORDS = 5
TURN_CHARACTERS = 2000

SET_ASIDE = re.compile(
    r"\b(?:not|said|instead of|nicht|statt|no|non|pas)\s+(\w+)"
    r"(?=\s*,|\s+(?:but|sondern|sino|mais)\b)",
    re.IGNORECASE,
)

Span = tuple[int, int]


def chosen(question: str, turn: str) -> str | None:
    """The turn without the other things that it lists, if the question picks one out of them by its
    place ("the second one"); else None."""
    place = next((at for at, words in PICKED.items() if words.search(question)), None)
    listed = [] if place is None else _listed(turn[:TURN_CHARACTERS])
    if place is None or not -len(listed) <= place < len(listed):
        return None
    kept = listed[place]
    for start, end in reversed(listed):
        if (start, end) != kept:
            turn = turn[:start] + turn[end:]
    return turn


def corrected(turns: Sequence[str]) -> list[str]:
    """The turns, newest first, without what the newest one sets aside ("not Linux but Windows")."""
    for wrong in SET_ASIDE.findall(turns[0][:TURN_CHARACTERS]):
        word = re.compile(rf"\b{re.escape(wrong)}\b", re.IGNORECASE)
        turns = [word.sub("", turn) for turn in turns]
    return list(turns)


def _listed(turn: str) -> list[Span]:
    """Where the things stand that the first sentence with several of them lists."""
    for sentence in SENTENCE.finditer(turn):
        text, offset = sentence[0], sentence.start()
        gaps = [match.span() for match in SEPARATOR.finditer(text)]
        starts = [0, *(end for _, end in gaps)]
        ends = [*(start for start, _ in gaps), len(text)]
        words = [
            [(offset + start + one.start(), offset + start + one.end()) for one in found]
            for start, end in zip(starts, ends, strict=True)
            if (found := list(WORD.finditer(text[start:end])))
        ]
        size = len(words[-1]) if words else 0
        if len(words) > 1 and size <= LISTED_WORDS:
            # The sentence goes before the first thing.
            first, *others = [words[0][-size:], *words[1:]]
            alike = turn[first[0][0]].isupper() == turn[others[0][0][0]].isupper()
            items = [first, *others] if alike or len(others) == 1 else others
            return [(item[0][0], item[-1][1]) for item in items]
    return []
