"""The kind of a conversation: what a follow-up leaves as it was."""

from collections.abc import Sequence

from trinax.answering.routing.kinds import Judgement, judged
from trinax.models.ports import Message
from trinax.retrieval.followup import leans

# Turns of the user that are looked at, the last one included.
TURNS = 5
# Set by hand on a few conversations. "And in German?" and "why?" get up to .94 for prose by
# themselves and continue whatever was spoken of; "thanks!" gets .99 for talk.
CLEAR_THOUGH_IT_LEANS = 0.95
CLEAR = 0.5
STAYS = "it follows up on an earlier turn"


def of_conversation(messages: Sequence[Message]) -> Judgement:
    """The last turn's kind; where it leans on what was said and is not clear by itself, that of
    the latest turn that stands alone and is more than talk.

    The same messages always give the same kind: nothing is remembered between requests.
    """
    turns = [message.content for message in messages if message.role == "user"][-TURNS:]
    own = judged(turns[-1])
    if _stands(own, turns[-1]):
        return own
    for turn in reversed(turns[:-1]):
        earlier = judged(turn)
        if earlier.kind != "trivial" and _stands(earlier, turn):
            reasons = own.reasons if own.kind == earlier.kind else (STAYS, *earlier.reasons[:2])
            return Judgement(earlier.kind, earlier.chances, reasons)
    return own


def _stands(judgement: Judgement, turn: str) -> bool:
    return judgement.chance >= (CLEAR_THOUGH_IT_LEANS if leans(turn) else CLEAR)
