"""Which earlier turns of a conversation a question leans on, and how much."""

import re
from collections.abc import Sequence

from trinax.retrieval.choosing import chosen, corrected

# What a question that needs its predecessor tends to hold. Words that are common in complete
# questions too are left out: English "there", Spanish "lo", German "es" and "sie".
_REFERRING = """
    it its it's they them their theirs he him his she her hers this that these those
    él ella ellos ellas eso esto esos estos esa esas ese este esta aquello su sus ahí allí
    elle ils elles cela ça ceci leur leurs celui celle ceux celles
    er ihm ihn ihr ihre ihren dessen deren dies diese dieser dieses davon damit dafür dazu
    ele ela eles elas isso isto aquilo seu sua seus suas
    esso essa essi esse lui loro questo questa ciò
    hij zij deze daarvan ermee
"""
REFERRING = frozenset(_REFERRING.split())
REFERRING_CJK = re.compile(
    "[它她其]|他(?!们的|人|国|國)|[这這](?!里|裡)|^那|呢$"
    "|それ|これ|あれ|その|この|彼|彼女|그것|이것|그건|이건"
)
OPENINGS = re.compile(
    r"(and|but|also|what about|how about|same for|y|pero|también|et|mais|und|aber|auch|maar)\b"
)
# How somebody begins who answers a question, or sets right what was understood.
ANSWERS = re.compile(
    r"(yes|no|not|sorry|oh|actually|wait|i|i'm|my|we|it's|it is|for|in|on|at|to|with|from"
    r"|sí|perdón|quiero decir|para|en|con|es|ja|nein|nicht|ich|wir|für|im|bei|beim|mit"
    r"|oui|non|pardon|pour|je|sim|não|per)\b"
)
# What lacks the thing that it compares, or names it by its place only.
COMPARING = re.compile(
    r"(?:more|less|\w+er) than\b|.{0,80}\b(?:the other|(?:an?|the) (?:\w+ )?ones?)\b"
)
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"[\w']+")
BLANKS = " \t\r\n¿¡?？。."

# A longer question carries its own subject even if a pronoun stands in it.
PRONOUN_LIMIT_WORDS = 8
ANSWER_LIMIT_WORDS = 10
SHORT_WORDS = 3
SHORT_CJK = 4
TURNS = 4  # API.md: up to four previous turns inform retrieval.
DECAY = 0.5


def turns(question: str, history: Sequence[str]) -> list[tuple[str, float]]:
    """The question with weight 1, then the earlier turns that it leans on, newest first, each
    with half the weight of the one after it, down to one that stands by itself; the question alone
    if it does so. What it sets aside of them, or of several things listed, is left out.

    history: earlier user turns, oldest first; blank ones and repeats of the question are skipped.
    """
    earlier = [turn for turn in history if turn.strip() and turn.strip() != question.strip()]
    if not earlier:
        return [(question, 1.0)]
    picked = chosen(question, earlier[-1])
    if picked is None and not leans(question):
        return [(question, 1.0)]
    newest = earlier[-1] if picked is None else picked
    asked, *earlier = corrected([question, newest, *earlier[-2 : -TURNS - 1 : -1]])
    weighted = [(asked, 1.0)]
    for distance, turn in enumerate(earlier, start=1):
        weighted.append((turn, DECAY**distance))
        if not leans(turn):
            break
    return weighted


def leans(question: str) -> bool:
    """Whether a question is too short, or points back too plainly, to be searched for alone."""
    text = question.casefold().strip(BLANKS)
    cjk = len(CJK.findall(text))
    if cjk:
        return cjk <= SHORT_CJK or REFERRING_CJK.search(text) is not None
    words = WORD.findall(text)
    if len(words) <= SHORT_WORDS:
        return True
    if ANSWERS.match(text) and not question.rstrip().endswith("?"):
        return len(words) <= ANSWER_LIMIT_WORDS
    return len(words) <= PRONOUN_LIMIT_WORDS and bool(
        OPENINGS.match(text) or COMPARING.match(text) or not REFERRING.isdisjoint(words)
    )
