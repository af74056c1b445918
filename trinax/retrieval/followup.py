"""Which earlier turns of a conversation a question leans on, and how much."""

import re
from collections.abc import Sequence

# What a question that needs its predecessor tends to hold. Words that are common in complete
# questions too are left out: English "there", Spanish "lo", German "es" and "sie".
_REFERRING = """
    it its it's they them their theirs he him his she her hers this that these those
    él ella ellos ellas eso esto esos estos esa esas ese este esta aquello su sus ahí allí
    elle ils elles cela ça ceci leur leurs celui celle ceux celles
    ihm ihn ihr ihre ihren dessen deren dies diese dieser dieses davon damit dazu
    ele ela eles elas isso isto aquilo seu sua seus suas
    esso essa essi esse lui loro questo questa ciò
    hij zij deze daarvan ermee
"""
REFERRING = frozenset(_REFERRING.split())
REFERRING_CJK = re.compile("[它他她其这這那]|それ|これ|あれ|その|この|彼|彼女|그것|이것|그건|이건")
OPENINGS = re.compile(
    r"(and|but|also|what about|how about|same for|y|pero|también|et|mais|und|aber|auch|maar)\b"
)
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"[\w']+")

# A longer question carries its own subject even if a pronoun stands in it.
PRONOUN_LIMIT_WORDS = 8
SHORT_WORDS = 3
SHORT_CJK = 6
TURNS = 4  # API.md: up to four previous turns inform retrieval.
DECAY = 0.5


def turns(question: str, history: Sequence[str]) -> list[tuple[str, float]]:
    """The question with weight 1, then the earlier turns that it leans on, newest first, each
    with half the weight of the one after it; the question alone if it stands by itself.

    history: earlier user turns, oldest first; blank ones and repeats of the question are skipped.
    """
    weighted = [(question, 1.0)]
    if not leans(question):
        return weighted
    earlier = [turn for turn in history if turn.strip() and turn.strip() != question.strip()]
    for distance, turn in enumerate(reversed(earlier[-TURNS:]), start=1):
        weighted.append((turn, DECAY**distance))
    return weighted


def leans(question: str) -> bool:
    """Whether a question is too short, or points back too plainly, to be searched for alone."""
    text = question.casefold().strip(" \t\n¿¡")
    cjk = len(CJK.findall(text))
    if cjk:
        return cjk <= SHORT_CJK or REFERRING_CJK.search(text) is not None
    words = WORD.findall(text)
    if len(words) <= SHORT_WORDS or (OPENINGS.match(text) and len(words) <= PRONOUN_LIMIT_WORDS):
        return True
    return len(words) <= PRONOUN_LIMIT_WORDS and not REFERRING.isdisjoint(words)
