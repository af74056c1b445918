"""Conversations by their turns, as chats are exported."""

import re
from itertools import pairwise

from trinax.documents import prose
from trinax.documents.packing import Block, Outline

NAME = r"[^\W\d_][\w .'’()+@-]{0,38}"
TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u202f]?[AaPp]\.?[Mm]\.?)?"
DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
STAMP = rf"(?:{DATE},?[ T]{{1,2}})?{TIME}"
# "[12:03] Anna: …", "[31.12.23, 21:15:07] Anna: …", "12/31/23, 9:15 PM - Anna: …", "12:03 <anna> …"
STAMPED = re.compile(
    rf"(?m)^[\u200e\ufeff]?(?:\[{STAMP}\]|{STAMP})[ \t]*(?:[-–][ \t]+)?"
    rf"(?:<[^<>\r\n]{{1,40}}>|\*|{NAME}:)(?=\s|$)"
)
NICKED = re.compile(r"(?m)^<[@+%&~ ]?[^<>\s]{1,40}>(?=[ \t])")
# "Anna: …", "**User:** …"
SPEAKER = re.compile(rf"(?m)^(?:\*\*)?({NAME})(?::\*\*|\*\*:|:)(?=[ \t\r\n]|$)")
ROLES = re.compile(r"(?i)(?:user|human|you|me|assistant|bot|ai|system|chatgpt|claude|model|tool)\Z")

LEAST_TURNS = 4
# Of the lines that are not blank: where a time is beside the speaker, and where none is.
STAMPED_SHARE = 0.1
SPOKEN_SHARE = 0.2
SPEAKERS = 12
HEAD_CHARACTERS = 20_000
CROWDED = 0.1  # price of a cut before a turn without a blank line before it
WITHIN = 0.5  # added to the price of a cut inside a turn


def starts(text: str) -> list[int]:
    """Where the turns start, if the text is a conversation; else nothing."""
    for pattern in (STAMPED, NICKED):
        found = [match.start() for match in _matches(pattern, text)]
        if len(found) >= LEAST_TURNS and _share(text, len(found)) >= STAMPED_SHARE:
            return found
    spoken = _matches(SPEAKER, text)
    names = [match[1].strip() for match in spoken]
    if len(spoken) < LEAST_TURNS or not _is_talk(names):
        return []
    is_roles = sum(bool(ROLES.match(name)) for name in names) >= len(names) / 2
    if is_roles or _share(text, len(spoken)) >= SPOKEN_SHARE:
        return [match.start() for match in spoken]
    return []


def outline(text: str, turns: list[int]) -> Outline:
    """A conversation: cut between turns, and inside only those that do not fit."""
    plain = prose.borders(text)
    borders = {at: price + WITHIN for at, price in plain.items()}
    borders |= {at: min(plain.get(at, CROWDED), CROWDED) for at in turns}
    held = tuple(pairwise([*turns, len(text)]))
    return Outline((Block(0, len(text)),), dict(sorted(borders.items())), held)


def _matches(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """All, unless there is none near the beginning."""
    return list(pattern.finditer(text)) if pattern.search(text, 0, HEAD_CHARACTERS) else []


def _is_talk(names: list[str]) -> bool:
    """Few speakers, who take turns: a list of terms has each of its names once."""
    different = set(names)
    changes = sum(one != two for one, two in pairwise(names))
    return (
        2 <= len(different) <= SPEAKERS
        and len(names) >= 2 * len(different)
        and changes >= len(names) / 4
    )


def _share(text: str, turns: int) -> float:
    filled = sum(bool(line.strip()) for line in text.splitlines())
    return turns / filled if filled else 0.0
