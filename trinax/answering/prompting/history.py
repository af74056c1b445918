"""The conversation that a question stands in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trinax.models.ports import Message

# API.md: up to four previous turns inform retrieval and the prompt.
TURNS = 4
# As many are forgotten at once, so that every other prompt begins like the one before it and its
# KV cache serves again; a window that slides with each turn would never match.
FORGOTTEN_TURNS = 2
# A longer earlier message is shown by its beginning and its end.
MESSAGE_LIMIT_CHARACTERS = 2000
CUT = "\n[…]\n"


@dataclass(frozen=True, slots=True)
class Conversation:
    """instructions: the client's own system texts, joined. turns: earlier messages. question: the
    last user message. following: what came of it, calls and what tools gave back."""

    instructions: str
    turns: tuple[Message, ...]
    question: str
    following: tuple[Message, ...] = ()

    @property
    def earlier_questions(self) -> tuple[str, ...]:
        """Of the last four turns, oldest first."""
        asked = [message.content for message in self.turns if message.role == "user"]
        return tuple(asked[-TURNS:])


def whole(messages: Sequence[Message]) -> Conversation:
    """All of it, as it was sent. messages: one from the user among them."""
    system = [message.content for message in messages if message.role == "system"]
    spoken = [message for message in messages if message.role != "system"]
    last = max(index for index, message in enumerate(spoken) if message.role == "user")
    return Conversation(
        instructions="\n\n".join(filter(str.strip, system)),
        turns=tuple(spoken[:last]),
        question=spoken[last].content,
        following=tuple(spoken[last + 1 :]),
    )


def recent(messages: Sequence[Message]) -> Conversation:
    """The last turns, at most four, beginning with one of the user's; long messages condensed."""
    talk = whole(messages)
    starts = [index for index, message in enumerate(talk.turns) if message.role == "user"]
    excess = max(0, len(starts) - TURNS)
    starts = starts[-(-excess // FORGOTTEN_TURNS) * FORGOTTEN_TURNS :]
    turns = talk.turns[starts[0] :] if starts else ()
    spoken = [message for message in turns if message.content.strip()]
    return replace(talk, turns=tuple(map(_condensed, spoken)))


def _condensed(message: Message) -> Message:
    text = message.content
    if len(text) <= MESSAGE_LIMIT_CHARACTERS:
        return message
    half = (MESSAGE_LIMIT_CHARACTERS - len(CUT)) // 2
    return replace(message, content=text[:half] + CUT + text[-half:])
