"""A text read a character at a time: where its sentences end, and what each is."""

import re
from dataclasses import dataclass
from typing import Literal

from trinax.documents.prose import ABBREVIATION, ABBREVIATION_CHARACTERS

Kind = Literal["prose", "heading", "table", "fence"]

# As prose.SENTENCE_END, seen from behind.
STOPPED = re.compile(r"""(?<![.!?…])[.!?…]{1,20}["'”’»)\]*_]{0,4}$""")
WIDE_STOPPED = re.compile(r"""[。！？｡]{1,20}["'”’»」』）]{0,4}$""")
TAIL_CHARACTERS = 32
MARKER = re.compile(r"[-*+•>]|\d{1,9}[.)]|#{1,6}")
QUOTES = {"“": "”", "«": "»", "「": "」", "『": "』", "„": "“"}
KINDS: dict[str, Kind] = {"#": "heading", "|": "table"}
DEEPEST_QUOTE = 8
# Marks that may stand around a sentence or after its stop.
DRESS = "*_\"'”’»」』)） "
LEAD_IN = (":", "：")
QUESTION = ("?", "？")
BOLD = re.compile(r"\*\*[^*]{1,200}\*\*:?|__[^_]{1,200}__:?")
# Of a text without an end, so much is looked at.
CLAUSE_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence, list item, table or block of code as it is shown, its citations included.
    plain: without them."""

    text: str
    plain: str
    numbers: tuple[int, ...]
    kind: Kind


class Sentence:
    """What has been read of one sentence."""

    def __init__(self, kind: Kind | None = None) -> None:
        """kind: None at the beginning of a line, whose first character tells it."""
        self.kind: Kind | None = kind
        self.numbers: list[int] = []
        self._plain: list[str] = []
        self._shown: list[str] = []
        self._clause_at = 0
        self._was_cited = False
        self._quotes: list[str] = []  # closing marks of those that are open

    @property
    def plain(self) -> str:
        return "".join(self._plain[-CLAUSE_CHARACTERS:]).strip()

    @property
    def clause(self) -> str:
        """The text since the citation before, if something was said since."""
        start = max(self._clause_at, len(self._plain) - CLAUSE_CHARACTERS)
        return "".join(self._plain[start:]).strip()

    @property
    def is_empty(self) -> bool:
        return not self._plain

    @property
    def is_marker(self) -> bool:
        """Whether it is only the number or the dash of a list item so far."""
        return len(self._plain) < 10 and MARKER.fullmatch("".join(self._plain)) is not None

    def add(self, character: str, fenced: bool = False) -> None:
        if self.kind is None:
            self.kind = KINDS.get(character, "prose")
        if fenced:
            self.kind = "fence"
        elif self._quotes and character == self._quotes[-1]:
            self._quotes.pop()
        elif character in QUOTES and len(self._quotes) < DEEPEST_QUOTE:
            self._quotes.append(QUOTES[character])
        if self._was_cited and character.isalnum():
            self._clause_at, self._was_cited = len(self._plain), False
        self._plain.append(character)
        self._shown.append(character)

    def space(self, blank: str) -> None:
        if self._plain:
            self._plain.append(blank)
        if self._shown:
            self._shown.append(blank)
        if self.kind == "table" and "\n" in blank:
            self._clause_at = len(self._plain)

    def cite(self, numbers: tuple[int, ...], text: str) -> None:
        self.numbers += [n for n in numbers if n not in self.numbers]
        self._shown.append(text)
        self._was_cited = True

    def ends(self, blank: str, following: str) -> bool:
        """Whether it is over before the blank, or the nothing, that this character follows."""
        if self.is_empty:
            return False
        if "\n" in blank:
            return not (self.kind == "table" and following == "|" and blank.count("\n") == 1)
        if self._quotes or self.kind in ("table", "fence"):
            return False
        tail = "".join(self._plain[-TAIL_CHARACTERS:])
        if WIDE_STOPPED.search(tail):
            return True
        return bool(blank) and not following.islower() and _is_stop(tail)

    @property
    def takes_below(self) -> bool:
        """Whether a citation on a line below belongs to it."""
        if self.kind in ("table", "fence"):
            return True
        tail = "".join(self._plain[-TAIL_CHARACTERS:])
        stopped = _is_stop(tail) or WIDE_STOPPED.search(tail) is not None
        return stopped and not self.numbers

    @property
    def states(self) -> bool:
        """Whether it is the kind of sentence that a source could carry."""
        if self.kind in ("heading", "fence") or self._quotes:
            return False
        bare = self.plain.rstrip(DRESS)
        return bool(bare) and not bare.endswith(LEAD_IN + QUESTION) and not _is_title(self.plain)

    @property
    def separator(self) -> str:
        """What stands between it and a citation that is added."""
        if self.kind == "table":  # a line right below would be one more row
            return "\n\n"
        return "" if WIDE_STOPPED.search("".join(self._plain[-TAIL_CHARACTERS:])) else " "

    def cited(self) -> Cited:
        shown, plain = "".join(self._shown).strip(), "".join(self._plain).strip()
        return Cited(shown, plain, tuple(self.numbers), self.kind or "prose")


def _is_stop(tail: str) -> bool:
    match = STOPPED.search(tail)
    if match is None:
        return False
    word = tail[: match.start() + 1][-ABBREVIATION_CHARACTERS - 1 :]
    return ABBREVIATION.search(word) is None


def _is_title(text: str) -> bool:
    return BOLD.fullmatch(text) is not None
