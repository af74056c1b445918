"""The conversation that a question stands in."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.models.ports import Message

# API.md: up to four previous turns inform retrieval and the prompt.
TURNS = 4
# A longer earlier message is shown by its beginning and its end.
MESSAGE_LIMIT_CHARACTERS = 2000
CUT = "\n[…]\n"


@dataclass(frozen=True, slots=True)
class Conversation:
    """instructions: the client's own system texts, joined. turns: earlier messages of the last
    four turns, condensed, beginning with one of the user's. question: the last user message."""

    instructions: str
    turns: tuple[Message, ...]
    question: str

    @property
    def earlier_questions(self) -> tuple[str, ...]:
        """Oldest first."""
        return tuple(message.content for message in self.turns if message.role == "user")


def conversation(messages: Sequence[Message]) -> Conversation:
    """messages: at least one, the last from the user."""
    system = [message.content for message in messages if message.role == "system"]
    *earlier, last = [message for message in messages if message.role != "system"]
    starts = [index for index, message in enumerate(earlier) if message.role == "user"][-TURNS:]
    turns = earlier[starts[0] :] if starts else []
    return Conversation(
        instructions="\n\n".join(filter(str.strip, system)),
        turns=tuple(_condensed(message) for message in turns if message.content.strip()),
        question=last.content,
    )


def _condensed(message: Message) -> Message:
    text = message.content
    if len(text) <= MESSAGE_LIMIT_CHARACTERS:
        return message
    half = (MESSAGE_LIMIT_CHARACTERS - len(CUT)) // 2
    return Message(message.role, text[:half] + CUT + text[-half:])
