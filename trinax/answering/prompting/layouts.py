"""How conversations and passages become messages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from trinax.answering.prompting.fencing import fenced, one_line
from trinax.answering.prompting.history import Conversation, Remembered, unchanged, ways
from trinax.answering.prompting.languages import answer_in
from trinax.answering.prompting.wording import (
    ATTACHED,
    BESIDE_JSON,
    BESIDE_TOOLS,
    INSTRUCTION,
    OWN,
    PARTS,
    REPORT,
    SYSTEM,
    WEB,
)
from trinax.answering.records import Ask, Source
from trinax.models.ports import Message

NO_INSTRUCTIONS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Layout:
    """messages: of a conversation and its passages. ways: in which the conversation may be shown,
    the fullest first. least: passages that it cannot do without, if there are any."""

    messages: Callable[[Conversation, Sequence[Source]], tuple[Message, ...]]
    ways: Callable[[Conversation], Iterator[Remembered]]
    least: int


def layout(ask: Ask, instructions: Mapping[str, str] = NO_INSTRUCTIONS) -> Layout:
    """How the prompt of a request is laid out. instructions: of collections, by id."""
    heeded = _heeded(ask.collections, instructions)
    if ask.for_program:
        note = BESIDE_TOOLS if ask.format is None else BESIDE_JSON
        note = "\n\n".join((_told(note, ask), *heeded))
        return Layout(partial(beside, note), unchanged, least=0)
    if not ask.retrieves:
        return Layout(lambda talk, _: plain(talk), unchanged, least=0)
    text = REPORT if ask.purpose == "report" else SYSTEM
    system = "\n\n".join((_told(text, ask), *heeded))
    return Layout(partial(grounded, system, ask.aspects), ways, least=1)


def grounded(
    system: str, aspects: Sequence[str], conversation: Conversation, sources: Sequence[Source]
) -> tuple[Message, ...]:
    """System text, earlier turns, then the passages and the question in one message."""
    if not sources:
        return plain(conversation)
    # Parts of a question can come from what was found for it, so they may hold a passage's words.
    parts = "\n".join(f"- {one_line(aspect)}" for aspect in aspects)
    asked = f"{answer_in(conversation.question)}Question: {conversation.question}"
    question = f"{fenced(sources)}\n\n{asked}{PARTS.format(parts) if parts else ''}"
    systems = "\n\n".join(filter(None, (system, conversation.instructions)))
    return (Message("system", systems), *conversation.turns, Message("user", question))


def beside(note: str, conversation: Conversation, sources: Sequence[Source]) -> tuple[Message, ...]:
    """The conversation as it is, but for the passages and a note on them before its question."""
    if not sources:
        return plain(conversation)
    question = f"{fenced(sources)}\n\n{note}\n\n{conversation.question}"
    return plain(replace(conversation, question=question))


def plain(conversation: Conversation) -> tuple[Message, ...]:
    """The conversation as it is, for an answer without retrieval."""
    system = [Message("system", text)] if (text := conversation.instructions) else []
    asked = Message("user", conversation.question)
    return (*system, *conversation.turns, asked, *conversation.following)


def _told(text: str, ask: Ask) -> str:
    """The text with where the passages come from."""
    places = [OWN] if ask.collections != () else []
    places += [ATTACHED] if ask.attachments else []
    places += [WEB] if ask.web else []
    return text.replace(OWN, " and ".join(places) or OWN)


def _heeded(collections: Sequence[str] | None, instructions: Mapping[str, str]) -> list[str]:
    """In the order of the ids, whatever the order in the request."""
    return [
        INSTRUCTION.format(id, text.strip())
        for id, text in sorted(instructions.items())
        if collections is None or id in collections
    ]
