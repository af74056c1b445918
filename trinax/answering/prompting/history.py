"""The conversation that a question stands in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trinax.answering.grounding.citations import CITATION
from trinax.answering.prompting.condensing import (
    LEAST_LIMIT_CHARACTERS,
    Divided,
    blocks_of,
    condensed,
    divided,
)
from trinax.models.ports import Message

# API.md: up to four previous turns inform retrieval and the prompt.
TURNS = 4
# As many are forgotten at once, so that every other prompt begins like the one before it and its
# KV cache serves again; a window that slides with each turn would never match.
FORGOTTEN_TURNS = 2
LEAST = LEAST_LIMIT_CHARACTERS
# Characters of an earlier message and turns that are shown; the next pair where there is no room.
SHARES = ((2000, TURNS), (600, TURNS), (LEAST, TURNS), (LEAST, 2), (LEAST, 1), (0, 0))
MESSAGE_LIMIT_CHARACTERS = SHARES[0][0]
ELLIPSIS = " … "
CODE_OR_CITATION = re.compile(rf"`[^`\n]{{1,500}}`|[ \t]{{0,4}}{CITATION.pattern}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Conversation:
    """instructions: the client's own system texts, joined. turns: earlier messages. question: the
    last user message. following: what came of it, calls and what tools gave back. forgotten:
    earlier messages that are not among turns."""

    instructions: str
    turns: tuple[Message, ...]
    question: str
    following: tuple[Message, ...] = ()
    forgotten: int = 0

    @property
    def earlier_questions(self) -> tuple[str, ...]:
        """Of the last four turns, oldest first; long ones by their beginning and end."""
        asked = [message.content for message in self.turns if message.role == "user"]
        return tuple(map(_ends, asked[-TURNS:]))


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversation as far as it is shown. turns, condensed: as in LeftOut."""

    talk: Conversation
    turns: int = 0
    condensed: int = 0


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
    """The last turns, at most four, beginning with one of the user's."""
    talk = whole(messages)
    spoken = [one for one in talk.turns if one.content.strip() or one.tool_calls]
    starts = _starts(spoken)
    excess = max(0, len(starts) - TURNS)
    starts = starts[-(-excess // FORGOTTEN_TURNS) * FORGOTTEN_TURNS :]
    turns = tuple(spoken[starts[0] :]) if starts else ()
    return replace(talk, turns=turns, forgotten=len(spoken) - len(turns))


def unchanged(talk: Conversation) -> Iterator[Remembered]:
    """The one way to show a conversation that must stay as it was sent."""
    yield Remembered(talk)


def ways(talk: Conversation) -> Iterator[Remembered]:
    """Ways to show a conversation beside passages, the fullest first, each different."""
    messages = [divided(message.content, talk.question) for message in talk.turns]
    found: set[tuple[Message, ...]] = set()
    for limit_characters, turns in SHARES:
        way = _shown(talk, messages, limit_characters, turns)
        if way.talk.turns not in found:
            found.add(way.talk.turns)
            yield way


def _shown(
    talk: Conversation, messages: Sequence[Divided], limit_characters: int, turns: int
) -> Remembered:
    starts = _starts(talk.turns)[-turns:] if turns else []
    left = starts[0] if starts else len(talk.turns)
    kept = list(zip(talk.turns, messages, strict=True))[left:]
    told = [_told(message, text, limit_characters) for message, text in kept]
    return Remembered(
        replace(talk, turns=tuple(map(_uncited, told))),
        turns=talk.forgotten + left,
        condensed=sum(one != other for one, (other, _) in zip(told, kept, strict=True)),
    )


def _told(message: Message, text: Divided, limit_characters: int) -> Message:
    if message.tool_calls or message.role == "tool":
        return message
    return replace(message, content=condensed(text, limit_characters))


def _uncited(message: Message) -> Message:
    """Without citations: their numbers are of other passages than this prompt's."""
    if message.role != "assistant":
        return message
    lines = [
        line if block.closing else CODE_OR_CITATION.sub(_code, line)
        for block in blocks_of(message.content.split("\n"))
        for line in block.lines
    ]
    return replace(message, content="\n".join(lines))


def _code(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("`") else ""


def _starts(messages: Sequence[Message]) -> list[int]:
    return [index for index, message in enumerate(messages) if message.role == "user"]


def _ends(text: str) -> str:
    if len(text) <= MESSAGE_LIMIT_CHARACTERS:
        return text
    half = (MESSAGE_LIMIT_CHARACTERS - len(ELLIPSIS)) // 2
    return text[:half] + ELLIPSIS + text[-half:]
